package dev.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The built application as a process of its own, seen from outside. Closing it kills it. */
public final class CaravanProcess implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    CaravanProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Ends it as a crash would: nothing in it gets a chance to tidy up. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Asks it to end. */
    public void terminate() {
        signal("TERM");
    }

    /** Asks it to end as Ctrl-C does. */
    public void interrupt() {
        signal("INT");
    }

    /** Tells whether nothing started here hears Ctrl-C: a shell does so to what it runs in the background. */
    public static boolean ignoresInterrupts() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("SigIgn:".length()).strip(), 16))
                    .anyMatch(ignored -> (ignored >> 1 & 1) == 1);
        } catch (IOException e) {
            return false;
        }
    }

    /** Holds it still, locks and connections kept. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while sending " + name, e);
        }
    }

    /** Waits until it has ended. */
    public Ended await(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                process.waitFor();
                throw new AssertionError("Not ended within %s.\n%s".formatted(limit, ended()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the process", e);
        }
        return ended();
    }

    private Ended ended() {
        return new Ended(process.exitValue(), out(), err());
    }

    /** Returns what it has written to standard output so far. */
    public String out() {
        return text(out);
    }

    public String err() {
        return text(err);
    }

    /** Returns both, for those who do not mind which. */
    public String all() {
        return out() + err();
    }

    /** Returns the most memory that the whole process has had in RAM so far, in bytes, where the system says so. */
    public long peakMemory() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a process ended, and what it said. */
    public record Ended(int code, String out, String err) {
        /** Fails with everything the process said if it ended otherwise. */
        public Ended expect(int wanted) {
            assertThat(code)
                    .as("exit code\n--- standard output\n%s\n--- standard error\n%s", out, err)
                    .isEqualTo(wanted);
            return this;
        }

        public String all() {
            return out + err;
        }
    }
}
