package dev.caravan.connection.limit;

/**
 * A request as quotas see it.
 *
 * @param stream whose it is; what its requests cost is learned for each stream
 * @param path below the connection's url
 * @param weight units it costs, above 0
 * @param first whether it opens its slice
 */
public record Ask(String stream, String method, String path, double weight, boolean first) {
    /** Returns this as the process counts it: its quota is of requests, whatever they cost the vendor. */
    Ask asOne() {
        return new Ask(stream, method, path, 1, true);
    }
}
