package dev.caravan.sandbox;

import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox is like.
 *
 * @param port the port on 127.0.0.1, or 0 for any that is free
 * @param rows how many rows a vendor's main stream has; the others are in proportion. Rows take no memory
 * @param limits whether the vendors' rate limits are imposed
 * @param clock what limits, and times in what is signed, are measured by; nothing else depends on it
 * @param recordings folder of answers that hosts once gave, which take the place of imitations; null for none
 */
public record SandboxOptions(
        int port,
        long rows,
        boolean limits,
        Clock clock,
        @Nullable Path recordings) {
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
        return new SandboxOptions(0, 2_500, false, Clock.systemUTC(), null);
    }

    public SandboxOptions withPort(int newPort) {
        return new SandboxOptions(newPort, rows, limits, clock, recordings);
    }

    public SandboxOptions withRows(long newRows) {
        return new SandboxOptions(port, newRows, limits, clock, recordings);
    }

    /** Measures times in what is signed by a clock. */
    public SandboxOptions withClock(Clock newClock) {
        return new SandboxOptions(port, rows, limits, newClock, recordings);
    }

    /** Imposes the vendors' rate limits, measured by a clock. */
    public SandboxOptions withLimits(Clock newClock) {
        return new SandboxOptions(port, rows, true, newClock, recordings);
    }

    /** Answers for the hosts that have recordings below a folder from those. */
    public SandboxOptions withRecordings(Path folder) {
        return new SandboxOptions(port, rows, limits, clock, folder);
    }
}
