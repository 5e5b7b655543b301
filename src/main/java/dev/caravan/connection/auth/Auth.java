package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.util.Set;

/** Puts a connection's credential on its requests. Safe for any number of threads. */
public interface Auth {
    /** Returns {@code request} with the credential. Call it only for the connection's own origin. */
    Request authorize(Request request);

    /** Tells whether there is a credential, or none is needed. A blank one counts as none. */
    boolean configured();

    /** Returns the values that must never be shown. */
    Set<String> secrets();
}
