package dev.caravan.connection.auth;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import java.io.IOException;

/** Sends the requests for tokens. Safe for any number of threads. */
public interface TokenTransport {
    /**
     * Sends {@code request} and returns the whole answer. Follows no redirect, and ends within a minute.
     *
     * @throws IOException if no whole answer came
     */
    Answer send(Request request) throws IOException;
}
