package dev.caravan.commit;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who has a stream.
 *
 * @param pid its process
 * @param host name of its machine
 * @param run id of its run
 * @param since when it took the stream
 * @param born when its process began, null if the system does not say
 */
record Holder(
        long pid,
        @Nullable String host,
        @Nullable String run,
        @Nullable Instant since,
        @Nullable Instant born) {
    /** The system computes that instant anew for each who asks, from clocks that are set meanwhile. */
    private static final Duration SAME = Duration.ofSeconds(10);

    /** A holder that has not said its name yet. */
    static final Holder UNKNOWN = new Holder(0, null, null, null, null);

    /** Returns this process as a holder. */
    static Holder here(String machine, String run, Instant since) {
        ProcessHandle process = ProcessHandle.current();
        return new Holder(
                process.pid(),
                machine,
                run,
                since,
                process.info().startInstant().orElse(null));
    }

    /** Whether this holder's process, which is or was one of this machine, has ended for certain. */
    boolean isDead() {
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return true;
        }
        // Containers that are started again have the same process number each time.
        Instant other = process.get().info().startInstant().orElse(null);
        return born != null
                && other != null
                && Duration.between(born, other).abs().compareTo(SAME) > 0;
    }

    @Override
    public String toString() {
        return host == null
                ? "a process that has not said its name yet"
                : "run %s, process %d on %s, since %s".formatted(run, pid, host, since);
    }
}
