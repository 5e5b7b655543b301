package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.CLOCK;
import static dev.caravan.commit.StreamFixture.draft;
import static dev.caravan.commit.StreamFixture.reached;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import dev.caravan.slice.SlicePlanner;
import dev.caravan.slice.SliceSettings;
import dev.caravan.slice.Span;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitLogTest {
    private static final int EACH = 40;

    private final StreamFixture stream;

    CommitLogTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void numbersCommitsWithoutGapAndReadsThemBack() {
        CommitLog log = stream.log();
        SealedFile file = stream.stage(1, "r1-1", "{}");
        Commit first = log.append(1, "r1", draft(reached("a", "1"), file), null);
        Commit second =
                log.append(1, "r1", draft(reached("b", "2")), new StagedKeys("_staging/1/k", 3, "0".repeat(64)));

        assertThat(stream.log().last()).contains(second);
        assertThat(stream.log().after(0)).containsExactly(first, second);
        assertThat(stream.log().after(1)).containsExactly(second);
        assertThat(stream.log().after(2)).isEmpty();
        assertThat(second.sequence()).isEqualTo(2);
        assertThat(second.keys())
                .isEqualTo(new CommittedKeys("_commits/00000000000000000002.keys", "_staging/1/k", 3, "0".repeat(64)));
        assertThat(second.progress().partitions())
                .as("a commit carries what it changes")
                .extracting(PartitionProgress::etag)
                .containsExactly("2");
        assertThat(stream.log().progress().partitions())
                .extracting(PartitionProgress::etag)
                .containsExactly("1", "2");
    }

    @Test
    void isEmptyBeforeTheFirstCommit() {
        assertThat(stream.log().last()).isEmpty();
        assertThat(stream.log().progress()).isEqualTo(Progress.NONE);
        assertThat(stream.log().after(0)).isEmpty();
    }

    @Test
    void writesOneReadableObjectWithTheFieldsInOrder() throws Exception {
        stream.log().append(1, "r1", draft(stream.stage(1, "r1-1", "{}")), null);

        String json = Files.readString(stream.folder().resolve("_commits/00000000000000000001.json"));
        assertThat(json)
                .startsWith(
                        "{\"sequence\":1,\"epoch\":1,\"run\":\"r1\",\"kind\":\"data\",\"slice\":\"all\",\"files\":[{\"path\":"
                                + "\"date=2026-08-31/r1-1.ndjson.gz\"")
                .endsWith("\"keys\":null,\"progress\":{\"partitions\":[]},\"at\":\"2026-09-01T06:00:00Z\"}");
    }

    @Test
    void carriesAPlanOfWindowsUnchanged() {
        Progress planned = new SlicePlanner(new SliceSettings(
                        true,
                        CursorFormat.ISO,
                        false,
                        Instant.parse("2026-01-01T00:00:00Z"),
                        null,
                        Span.parse("24h"),
                        Span.ZERO,
                        Span.ZERO,
                        ZoneOffset.UTC,
                        List.of(new Partition(Map.of("id", "1")), Partition.WHOLE)))
                .plan(Progress.NONE, StreamFixture.NOW);

        stream.log().append(1, "r1", Draft.checkpoint("d", before -> planned), null);

        assertThat(stream.log().progress()).isEqualTo(planned);
        assertThat(planned.partitions()).hasSize(2).allMatch(partition -> partition.open() != null);
    }

    @Test
    void skipsFieldsItDoesNotKnow() throws Exception {
        Commit commit = stream.log().append(1, "r1", draft(), null);
        Path file = stream.folder().resolve("_commits/00000000000000000001.json");
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"later\":{\"a\":[1]},"));

        assertThat(stream.log().last()).contains(commit);
    }

    @Test
    void saysWhichCommitIsTruncatedAndWhatToDo() throws Exception {
        stream.log().append(1, "r1", draft(), null);
        Path file = stream.folder().resolve("_commits/00000000000000000001.json");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThatThrownBy(() -> stream.log().last())
                .isInstanceOf(CommitReadException.class)
                .hasMessageContaining("acme-orders")
                .hasMessageContaining("00000000000000000001.json is damaged")
                .hasMessageContaining("Restore it from a backup")
                .extracting(e -> ((PullException) e).remedy())
                .isEqualTo(Remedy.STOP);
    }

    @Test
    void refusesAnEmptyAMisnumberedAndAMissingCommit() throws Exception {
        CommitLog log = stream.log();
        for (int i = 0; i < 3; i++) {
            log.append(1, "r1", draft(), null);
        }
        Path commits = stream.folder().resolve("_commits");
        Path second = commits.resolve("00000000000000000002.json");

        Files.writeString(second, "");
        assertThatThrownBy(() -> stream.log().after(0).forEach(each -> {})).isInstanceOf(CommitReadException.class);
        Files.copy(
                commits.resolve("00000000000000000001.json"),
                second,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> stream.log().after(0).forEach(each -> {}))
                .hasMessageContaining("commit of its number");
        Files.delete(second);
        assertThatThrownBy(() -> stream.log().after(0).forEach(each -> {})).hasMessageContaining("is missing");
    }

    @Test
    void givesEachNumberToOneOfTwoLogs() throws Exception {
        CommitLog one = stream.log();
        CommitLog other = stream.log();
        CyclicBarrier start = new CyclicBarrier(4);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Commit>>> made = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                made.add(threads.submit(appends(i % 2 == 0 ? one : other, "p" + i, start)));
            }
            List<Long> numbers = new ArrayList<>();
            for (Future<List<Commit>> each : made) {
                each.get(20, TimeUnit.SECONDS).forEach(commit -> numbers.add(commit.sequence()));
            }
            assertThat(numbers)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, 4 * EACH).boxed().toList());
        } finally {
            threads.shutdownNow();
        }
        assertThat(stream.log().progress().partitions())
                .as("no sibling's progress is lost")
                .extracting(PartitionProgress::etag)
                .containsOnly(Integer.toString(EACH))
                .hasSize(4);
        assertThat(leftovers()).isEmpty();
    }

    private static Callable<List<Commit>> appends(CommitLog log, String partition, CyclicBarrier start) {
        return () -> {
            start.await(10, TimeUnit.SECONDS);
            return IntStream.rangeClosed(1, EACH)
                    .mapToObj(i -> log.append(3, "r1", draft(reached(partition, Integer.toString(i))), null))
                    .toList();
        };
    }

    @Test
    void stopsARunWhoseEpochIsOver() {
        CommitLog old = stream.log();
        old.append(1, "r1", draft(), null);
        stream.log().append(2, "r2", Draft.fence(), null);

        assertThatThrownBy(() -> old.append(1, "r1", draft(), null))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("run r1 (epoch 1)")
                .hasMessageContaining("run r2 (epoch 2)");
        assertThatThrownBy(() -> stream.log().append(1, "r1", draft(), null)).isInstanceOf(LeaseLostException.class);
        assertThat(stream.log().after(0)).hasSize(2);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void refusesANameThatIsTaken() {
        SealedFile file = stream.stage(1, "r1-1", "{}");
        StreamFixture.write(stream.folder().resolve(file.path()), "precious".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> stream.log().append(1, "r1", draft(file), null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("used twice");
        assertThat(stream.log().last()).isEmpty();
    }

    @Test
    void writesNothingWhenTheProgressCannotBeMade() {
        UnaryOperator<Progress> fails = before -> {
            throw new IllegalStateException("no");
        };

        assertThatThrownBy(() -> stream.log().append(1, "r1", draft(fails), null))
                .hasMessage("no");
        assertThat(stream.log().last()).isEmpty();
    }

    @Test
    void findsCommitsOfAnotherLog() {
        CommitLog mine = stream.log();
        mine.append(1, "r1", draft(), null);
        new CommitLog(stream.key, stream.lake, CLOCK).append(1, "r1", draft(), null);

        assertThat(mine.last().map(Commit::sequence)).contains(2L);
    }

    private List<String> leftovers() {
        return stream.names().stream().filter(name -> name.endsWith(".tmp")).toList();
    }
}
