package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSinkTest {
    private static final RecordForm AS_RECEIVED =
            (record, out) -> out.write(record.bytes(), record.offset(), record.length());
    private static final Instant INGESTED = Instant.parse("2026-03-04T23:30:00Z");

    private final Path folder;

    FileSinkTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void writesEachRecordToTheDayOfItsCursorInTheZoneOfTheStream() {
        List<SealedFile> sealed = sink().write(
                        to(ZoneId.of("Europe/Berlin"), true, AS_RECEIVED),
                        List.of(
                                record("{\"id\":1}", "2026-01-31T22:59:59.999Z"),
                                record("{\"id\":2}", "2026-01-31T23:00:00Z"),
                                record("{\"id\":3}", "2026-01-31T12:00:00Z")));

        assertThat(sealed)
                .extracting(SealedFile::path)
                .containsExactly("date=2026-01-31/r1-000004.ndjson.gz", "date=2026-02-01/r1-000004.ndjson.gz");
        assertThat(lines(sealed.get(0))).containsExactly("{\"id\":1}", "{\"id\":3}");
        assertThat(lines(sealed.get(1))).containsExactly("{\"id\":2}");
        assertThat(sealed.get(0).minCursor()).isEqualTo("2026-01-31T12:00:00Z");
        assertThat(sealed.get(0).maxCursor()).isEqualTo("2026-01-31T22:59:59.999Z");
    }

    @Test
    void followsDaysOfTwentyThreeHours() {
        List<SealedFile> sealed = sink().write(
                        to(ZoneId.of("Europe/Berlin"), true, AS_RECEIVED),
                        List.of(record("{}", "2026-03-29T21:59:59Z"), record("{}", "2026-03-29T22:00:00Z")));

        assertThat(sealed)
                .extracting(SealedFile::path)
                .containsExactly("date=2026-03-29/r1-000004.ndjson.gz", "date=2026-03-30/r1-000004.ndjson.gz");
    }

    @Test
    void putsARecordWithoutTheCursorUnderUnknown() {
        List<SealedFile> sealed = sink().write(to(ZoneOffset.UTC, true, AS_RECEIVED), List.of(record("{}", null)));

        assertThat(sealed).extracting(SealedFile::path).containsExactly("date=unknown/r1-000004.ndjson.gz");
        assertThat(sealed.get(0).minCursor()).isNull();
    }

    @Test
    void usesTheDayOfIngestionForAStreamWithoutACursor() {
        List<SealedFile> sealed = sink().write(
                        to(ZoneId.of("Europe/Berlin"), false, AS_RECEIVED),
                        List.of(record("{}", null), record("{}", "2020-01-01T00:00:00Z")));

        assertThat(sealed).extracting(SealedFile::path).containsExactly("date=2026-03-05/r1-000004.ndjson.gz");
        assertThat(sealed.get(0).rows()).isEqualTo(2);
    }

    @Test
    void countsAndHashesWhatIsOnTheDisk() throws Exception {
        SealedFile sealed = sink().write(to(ZoneOffset.UTC, false, AS_RECEIVED), List.of(record("{\"a\":1.10}", null)))
                .get(0);

        byte[] bytes = Files.readAllBytes(folder.resolve(sealed.staged()));
        assertThat(sealed.bytes()).isEqualTo(bytes.length);
        assertThat(sealed.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        assertThat(sealed.staged()).startsWith("_staging/7/");
    }

    @Test
    void writesAHundredThousandRowsAndReadsThemBack() {
        List<SourceRecord> records = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            expected.add("{\"id\":%d,\"name\":\"Zoë %d\"}".formatted(i, i % 97));
            records.add(record(expected.get(i), null));
        }

        SealedFile sealed =
                sink().write(to(ZoneOffset.UTC, false, AS_RECEIVED), records).get(0);

        assertThat(sealed.rows()).isEqualTo(100_000);
        assertThat(lines(sealed)).isEqualTo(expected);
    }

    @Test
    void writesNothingWithoutRecords() {
        assertThat(sink().write(to(ZoneOffset.UTC, true, AS_RECEIVED), List.of()))
                .isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void leavesNothingStagedWhenAWriteFails() throws Exception {
        RecordForm fails = (record, out) -> {
            if (record.length() == 3) {
                throw new IOException("No space left on device");
            }
            AS_RECEIVED.write(record, out);
        };

        assertThatThrownBy(() -> sink().write(
                                to(ZoneOffset.UTC, true, fails),
                                List.of(record("{}", "2026-01-01T00:00:00Z"), record("{ }", "2026-01-02T00:00:00Z"))))
                .isInstanceOf(BatchWriteException.class)
                .hasMessageContaining("free some space")
                .extracting(e -> ((PullException) e).remedy())
                .isEqualTo(Remedy.STOP);
        try (Stream<Path> left = Files.list(folder.resolve("_staging/7"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void stopsWhereItMayNotWrite() {
        RecordForm forbidden = (record, out) -> {
            throw new AccessDeniedException("x");
        };

        assertThatThrownBy(() -> sink().write(to(ZoneOffset.UTC, true, forbidden), List.of(record("{}", null))))
                .isInstanceOf(BatchWriteException.class)
                .hasMessageContaining("Let the user that runs Caravan")
                .extracting(e -> ((PullException) e).remedy())
                .isEqualTo(Remedy.STOP);
    }

    @Test
    void writesAgainAfterAFailureOfTheMoment() {
        RecordForm broken = (record, out) -> {
            throw new IOException("Input/output error");
        };
        Destination to = to(ZoneOffset.UTC, true, broken);

        assertThatThrownBy(() -> sink().write(to, List.of(record("{}", null))))
                .extracting(e -> ((PullException) e).remedy())
                .isEqualTo(Remedy.RETRY);
        assertThat(sink().write(to(ZoneOffset.UTC, true, AS_RECEIVED), List.of(record("{}", null))))
                .hasSize(1);
    }

    @Test
    void refusesABatchNumberUsedTwiceAndKeepsTheFirst() {
        Destination to = to(ZoneOffset.UTC, false, AS_RECEIVED);
        SealedFile first = sink().write(to, List.of(record("{}", null))).get(0);

        assertThatThrownBy(() -> sink().write(to, List.of(record("{\"b\":2}", null))))
                .isInstanceOf(BatchWriteException.class);
        assertThat(lines(first)).containsExactly("{}");
    }

    private Sink sink() {
        return SinkSettings.usual().open(Contexts.orders(folder, null));
    }

    private Destination to(ZoneId zone, boolean cursored, RecordForm form) {
        return new Destination(folder, folder.resolve("_staging/7"), "r1", 4, zone, INGESTED, cursored, form, null);
    }

    private static SourceRecord record(String json, @Nullable String cursor) {
        byte[] bytes = ("  " + json).getBytes(StandardCharsets.UTF_8);
        return new SourceRecord(bytes, 2, bytes.length - 2, null, cursor == null ? null : Instant.parse(cursor));
    }

    private List<String> lines(SealedFile sealed) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(sealed.staged())));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
