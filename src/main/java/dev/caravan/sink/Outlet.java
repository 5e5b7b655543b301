package dev.caravan.sink;

import java.util.Map;

/** What takes messages to endpoints outside, by their address. Safe for any number of threads. */
public interface Outlet {
    /**
     * Looks whether there is anything that serves such addresses.
     *
     * @throws IllegalArgumentException if not, with what would be right
     */
    void check(String uri);

    /**
     * Opens an endpoint.
     *
     * @param parameters its options beside the address, secrets among them
     * @throws RefusedException if there is no such endpoint
     */
    Way open(String uri, Map<String, String> parameters);

    /** The way to one endpoint. For one thread. */
    interface Way {
        /**
         * Sends a message and waits until the endpoint has taken it.
         *
         * @param body bytes, or a {@link java.io.File}
         * @throws RefusedException if it has not
         */
        void send(Object body, Map<String, String> headers);
    }

    /** An endpoint did not take a message. Its text shows no secret of the parameters. */
    final class RefusedException extends RuntimeException {
        public RefusedException(String message) {
            super(message);
        }
    }
}
