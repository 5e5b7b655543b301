package dev.caravan.sandbox;

import java.time.Clock;

/**
 * What a sandbox is like.
 *
 * @param port the port on 127.0.0.1, or 0 for any that is free
 * @param rows how many rows a vendor's main stream has; the others are in proportion. Rows take no memory
 * @param limits whether the vendors' rate limits are imposed
 * @param clock what limits are measured by; nothing else depends on it
 */
public record SandboxOptions(int port, long rows, boolean limits, Clock clock) {
    private static final long MOST_ROWS = 100_000_000_000L;

    public SandboxOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("No such port: " + port);
        }
        if (rows < 1 || rows > MOST_ROWS) {
            throw new IllegalArgumentException("Rows must be 1 to %d: %d".formatted(MOST_ROWS, rows));
        }
    }

    /** Any free port, 2,500 rows, no limits. */
    public static SandboxOptions defaults() {
        return new SandboxOptions(0, 2_500, false, Clock.systemUTC());
    }

    public SandboxOptions withPort(int newPort) {
        return new SandboxOptions(newPort, rows, limits, clock);
    }

    public SandboxOptions withRows(long newRows) {
        return new SandboxOptions(port, newRows, limits, clock);
    }

    /** Imposes the vendors' rate limits, measured by a clock. */
    public SandboxOptions withLimits(Clock newClock) {
        return new SandboxOptions(port, rows, true, newClock);
    }
}
