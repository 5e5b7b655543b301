package dev.caravan.connection;

/**
 * One whole response.
 *
 * @param body its bytes, decompressed; empty if it has none. Shared, not to be changed
 */
public record Answer(int status, Headers headers, byte[] body) {
    public Answer {
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("Not an HTTP status: " + status);
        }
    }

    @Override
    public String toString() {
        return "Answer[status=%d, headers=%s, bytes=%d]".formatted(status, headers, body.length);
    }
}
