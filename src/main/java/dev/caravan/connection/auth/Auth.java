package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.util.Set;

/** Puts a connection's credential on its requests. Safe for any number of threads. */
public interface Auth {
    /**
     * Returns {@code request} with the credential. Call it only for the connection's own origin. Asks for a token first if
     * there is none, or the one there is ends soon; then it may take as long as that answer does.
     *
     * @throws dev.caravan.failure.PullException if there is no credential, or no token is to be had
     */
    Request authorize(Request request);

    /**
     * Renews the credential that {@code refused} carries, unless another request has done so since.
     *
     * @return false if it is one that does not change
     * @throws dev.caravan.failure.PullException if it cannot be renewed, or not now
     */
    default boolean renew(Request refused) {
        return false;
    }

    /** Tells whether there is a credential, or none is needed. A blank one counts as none. */
    boolean configured();

    /** Returns the values that must never be shown, those of tokens obtained meanwhile among them. The same set while nothing changes. */
    Set<String> secrets();
}
