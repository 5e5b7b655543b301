package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** One request on its way, and its answer: what the steps around a fetch talk to. Used by one thread at a time. */
public interface Fetching {
    /** Returns the request to send, credential included, and takes a place among the requests in flight. */
    Request request();

    /** Gives back the place among the requests in flight. */
    void left();

    /**
     * Reads an answer: all of a page, inflated and within its bounds, or what is needed of an answer that is no data.
     *
     * @return null if there is no room for it now, and it is to be asked for again
     * @throws IOException if it did not come whole
     */
    @Nullable
    Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException;

    /**
     * Takes in an answer.
     *
     * @return the body of a page that goes on through the steps, or null
     * @throws PullException if it must be asked again soon, or cannot be used
     */
    byte @Nullable [] answered(Answer received);

    /** Returns what to throw when a request got no answer. */
    PullException unanswered(Exception failure);

    /**
     * Whether a request that failed may be sent again, by what stream and connection say of {@code retries}.
     *
     * @param usual how often, where neither says it
     */
    boolean mayRepeat(int usual);

    /** Before the same request is sent again. */
    void again();
}
