package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills the process that commits, at whatever it is doing, and looks at what the next one finds. */
class KillTest {
    private final StreamFixture stream;

    KillTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    @Timeout(60)
    void landsEveryRowOnceHoweverOftenTheProcessIsKilled() throws Exception {
        int least = 0;
        for (int commits : List.of(1, 12, 5, 23)) {
            killAfter(commits);
            least += commits;
        }

        int reached;
        try (Lease lease = stream.take("last")) {
            assertThat(lease.epoch()).isEqualTo(5);
            reached = CommitLoop.reached(stream);
        }
        List<String> expected =
                IntStream.rangeClosed(1, reached).mapToObj(Integer::toString).toList();
        assertThat(reached).isGreaterThanOrEqualTo(least);
        assertThat(stream.visibleRows()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(stream.store
                        .seen(
                                stream.key,
                                KeySet.COUNTING,
                                expected.stream().map(KeyHash::of).toList())
                        .cardinality())
                .isEqualTo(reached);
        assertThat(new Verify(stream.key, stream.lake, StreamFixture.CLOCK)
                        .run()
                        .problems())
                .isEmpty();
        assertThat(stream.names()).noneMatch(name -> name.contains("_staging") || name.endsWith(".tmp"));
    }

    private void killAfter(int commits) throws Exception {
        Process child = start();
        try (BufferedReader said = child.errorReader(StandardCharsets.UTF_8)) {
            assertThat(said.lines()
                            .filter(line -> line.startsWith("committed"))
                            .limit(commits)
                            .count())
                    .isEqualTo(commits);
            assertThatThrownBy(() -> stream.take("other"))
                    .isInstanceOf(LeaseHeldException.class)
                    .hasMessageContaining("run child, process " + child.pid());
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CommitLoop.class.getName(),
                        stream.data.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
