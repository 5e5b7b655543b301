package dev.caravan.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.NoCredentials;
import com.google.cloud.bigquery.BigQueryOptions;
import dev.caravan.batch.Delivery;
import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.FlatForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.DeliveryException;
import dev.caravan.sink.Destination;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.BigQueryServer.Fault;
import dev.caravan.testkit.BigQueryStore;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.NoOutlet;
import dev.caravan.testkit.NoWaiting;
import dev.caravan.testkit.ServiceAccounts;
import dev.caravan.testkit.YamlSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.component.google.bigquery.GoogleBigQueryConnectionFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What tables of BigQuery do with batches and commits, and with a service that has its moods. */
@Timeout(120)
class BigQuerySinkTest {
    private static final Instant AT = Instant.parse("2026-03-01T00:00:00Z");
    private static final String TABLE = "acme_orders";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    private final BigQueryServer server = BigQueryServer.start();
    private final BigQueryStore store = server.store();
    private final List<Duration> pauses = new ArrayList<>();
    private int batches;

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void addsColumnsAndWidensNumbers() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"a\":1,\"b\":true,\"c\":\"x\"}");
        deliver(sink, 2, "{\"id\":2,\"a\":9223372036854775807,\"d\":{\"e\":null,\"f\":[1]}}");
        deliver(sink, 3, "{\"id\":3,\"a\":1.25}", "{\"id\":4,\"a\":1234567890.123}");
        assertThat(store.columns(TABLE)).containsEntry("a", "NUMERIC").containsKeys("d__e", "d__f");
        deliver(sink, 4, "{\"id\":5,\"a\":0.0000000001}");

        assertThat(store.columns(TABLE)).containsEntry("a", "BIGNUMERIC");
        assertThat(texts("a")).containsExactly("1", "9223372036854775807", "1.25", "1234567890.123", "0.0000000001");
        assertThat(texts("b")).containsExactly("true", null, null, null, null);
        assertThat(texts("d__f")).containsExactly(null, "[1]", null, null, null);
    }

    @Test
    void refusesBeforeTheCommitWhatBigQueryDoesNotWiden() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"a\":1}");

        assertThatThrownBy(() -> write(sink, null, "{\"id\":2,\"a\":\"text\"}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("sink 'bigquery', BigQuery, table acme-lake.raw.acme_orders")
                .hasMessageContaining("'a' is INT64, and STRING comes")
                .hasMessageContaining("Declare the fields in the stream's 'schema' as string");
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
        deliver(sink, 2, "{\"id\":3,\"a\":3}");
        assertThat(texts("a")).containsExactly("1", "3");
    }

    @Test
    void leavesOutOrRejectsWhatAFixedTableDoesNotHold() throws Exception {
        store.make(TABLE, "id INT64, a INT64");
        BigQuerySink values = sink(", drift: discard-value", SinkContext.Keeps.ALL);
        deliver(values, 1, "{\"id\":1,\"a\":\"text\",\"b\":7}", "{\"id\":2,\"a\":5}");
        assertThat(store.columns(TABLE)).doesNotContainKey("b").containsEntry("a", "INT64");
        assertThat(texts("a")).containsExactly(null, "5");

        BigQuerySink rows = sink(", drift: discard-row", SinkContext.Keeps.ALL);
        assertThat(rows.refused(form(), records("{\"id\":3,\"a\":1.5}", "{\"id\":4,\"a\":2}", "{\"id\":5,\"b\":2}")))
                .hasSize(2)
                .containsEntry(0, "drift: its 'a' is not INT64, as the table's column is")
                .containsEntry(2, "drift: the table has no column for 'b'");
        assertThatThrownBy(() -> write(sink(", drift: freeze", SinkContext.Keeps.ALL), null, "{\"id\":6,\"b\":1}"))
                .hasMessageContaining("drift: freeze")
                .hasMessageContaining("'b' is missing");
    }

    @Test
    void holdsNumbersTextsAndNamesExactly() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        deliver(
                sink,
                1,
                "{\"id\":1,\"least\":-9223372036854775808,\"exact\":1234567890123456789012345678.0123456789,\"wide\":18446744073709551615,"
                        + "\"text\":\"tab\\t back\\\\slash\\nbreak \\ud83d\\ude00 \\u2028 \\\"'`\",\"empty\":\"\",\"none\":null,\"a b\":1,\"a-b\":2}");
        deliver(sink, 2, "{\"id\":2,\"a-b\":4,\"a b\":3,\"\\ud83d\\ude00 x\":5}");
        deliver(sink("", SinkContext.Keeps.ALL), 3, "{\"id\":3,\"\\ud83d\\ude00 x\":6,\"a-b\":7}");

        assertThat(texts("least")).startsWith("-9223372036854775808");
        assertThat(texts("exact")).startsWith("1234567890123456789012345678.0123456789");
        assertThat(texts("wide")).startsWith("18446744073709551615");
        assertThat(texts("text")).startsWith("tab\t back\\slash\nbreak 😀 \u2028 \"'`");
        assertThat(texts("empty")).startsWith("");
        assertThat(texts("a_b")).containsExactly("1", "3", null);
        assertThat(texts("a_b_2")).containsExactly("2", "4", "7");
        assertThat(texts("__x")).containsExactly(null, "5", "6");
    }

    @Test
    void castsToTimesThatSomebodyChoseAndRefusesOthersBeforeTheCommit() throws Exception {
        store.make(TABLE, "id INT64, at TIMESTAMP, day DATE");
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"at\":\"2026-03-01T10:00:00.123456789+02:00\",\"day\":\"2026-01-31\"}");

        assertThatThrownBy(() -> write(sink, null, "{\"id\":2,\"day\":\"soon\"}"))
                .hasMessageContaining("column 'day' is DATE and does not take 'soon'")
                .hasMessageContaining("Give the column a type that takes it");
        assertThat(texts("at")).containsExactly("2026-03-01 08:00:00.123456");
        assertThat(texts("day")).containsExactly("2026-01-31");
    }

    @Test
    void partitionsAndClustersATableThatItMakes() throws Exception {
        deliver(
                sink(", partition-by: at, partition-per: month, cluster-by: [shop, id]", SinkContext.Keeps.ALL),
                1,
                "{\"id\":1,\"at\":\"2026-03-01T10:00:00Z\",\"shop\":\"x\"}");

        JsonNode table = store.table(TABLE);
        assertThat(table.path("timePartitioning").toString()).contains("\"MONTH\"", "\"at\"");
        assertThat(table.path("clustering").path("fields").toString()).isEqualTo("[\"shop\",\"id\"]");
        assertThat(texts("at")).containsExactly("2026-03-01 10:00:00.0");
        store.drop(TABLE);
        assertThatThrownBy(() -> write(sink(", cluster-by: [nowhere]", SinkContext.Keeps.ALL), null, "{\"id\":1}"))
                .hasMessageContaining("cluster-by 'nowhere'");
    }

    @Test
    void keepsTheLatestVersionWhateverOrderTheyComeIn() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.LATEST);
        deliver(sink, 1, version(1, "a", 10), version(2, "b", 10), version(1, "c", 20), version(1, "d", 15));
        assertThat(texts("v")).containsExactly("c", "b");

        deliver(sink, 2, version(1, "late", 5), version(2, "same", 10), version(3, "gone", 1));
        assertThat(texts("v")).containsExactly("c", "same", "gone");
        assertThat(texts("_caravan_deleted")).containsExactly("false", "false", "true");

        deliver(sink, 3, version(1, "e", 30), version(1, "f", 30));
        assertThat(texts("v")).containsExactly("f", "same", "gone");
        assertThat(store.table(TABLE).path("clustering").path("fields").toString())
                .isEqualTo("[\"_caravan_stream\",\"_caravan_key\"]");
    }

    @Test
    void replacesDaysOfAPartitionAndAllOfIt() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.PULLED);
        begun(sink);
        Portion first = new Portion("p", LocalDate.parse("2026-03-01"), LocalDate.parse("2026-03-02"));
        Portion second = new Portion("p", LocalDate.parse("2026-03-02"), LocalDate.parse("2026-03-03"));
        sink.delivery().deliver(commit(sink, 1, false, first, "{\"id\":1}", "{\"id\":2}"));
        sink.delivery().deliver(commit(sink, 2, false, second, "{\"id\":3}"));
        sink.delivery().deliver(commit(sink, 3, false, first, "{\"id\":4}"));
        assertThat(texts("id")).containsExactly("3", "4");
        sink.delivery().deliver(new Delivery.Delivered(4, 1, "r1", false, second, List.of()));
        assertThat(texts("id")).containsExactly("4");

        sink.delivery().deliver(commit(sink, 5, true, null, "{\"id\":9}"));
        assertThat(texts("id")).containsExactly("9");
        assertThat(sink.delivery().tally())
                .get()
                .extracting(Delivery.Tally::rows)
                .isEqualTo(1L);
    }

    @Test
    void gathersCommitsAndLoadsThemTogether() throws Exception {
        BigQuerySink sink = sink(", load-rows: 5, stream-below: 0", SinkContext.Keeps.ALL);
        begun(sink);
        for (int i = 1; i <= 7; i++) {
            sink.delivery().deliver(commit(sink, i, false, null, "{\"id\":%d}".formatted(i)));
            assertThat(store.rows(TABLE)).hasSize(i < 5 ? 0 : 5);
        }
        sink.delivery().settle();
        sink.delivery().settle();

        assertThat(texts("id")).containsExactly("1", "2", "3", "4", "5", "6", "7");
        assertThat(store.rows("_caravan_commits")).hasSize(7);
        assertThat(server.jobs().stream().filter(each -> each.startsWith("caravan_load_")))
                .hasSize(2);
        assertThat(store.tables()).containsExactly("_caravan_commits", TABLE);
    }

    @Test
    void gathersOverSlicesForAMinute() throws Exception {
        BigQuerySink sink = sink(", stream-below: 0", SinkContext.Keeps.ALL);
        begun(sink);
        for (int i = 1; i <= 4; i++) {
            sink.delivery().deliver(commit(sink, i, false, null, "{\"id\":%d}".formatted(i)));
            pauses.add(Duration.ofSeconds(25));
            sink.delivery().sliceEnded();
            assertThat(store.rows(TABLE)).hasSize(i < 3 ? 0 : 3);
        }
        sink.delivery().settle();

        assertThat(texts("id")).containsExactly("1", "2", "3", "4");
        assertThat(server.jobs().stream().filter(each -> each.startsWith("caravan_load_")))
                .hasSize(2);
    }

    @Test
    void warnsOnceOfManyTransactions() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.PULLED);
        begun(sink);
        Logger log = (Logger) LoggerFactory.getLogger("dev.caravan.stream.acme-orders");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        log.addAppender(logged);
        log.setLevel(Level.WARN);
        log.setAdditive(false);
        try {
            Portion day = new Portion("p", LocalDate.parse("2026-03-01"), LocalDate.parse("2026-03-02"));
            for (int i = 1; i <= 101; i++) {
                sink.delivery().deliver(new Delivery.Delivered(i, 1, "r1", false, day, List.of()));
            }
        } finally {
            log.detachAppender(logged);
            log.setLevel(null);
            log.setAdditive(true);
        }
        assertThat(logged.list)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .contains("table acme-lake.raw.acme_orders: 100 transactions in this run", "a longer 'window'");
    }

    @Test
    void gathersFilesThatGoWhenTheyAreDelivered() throws Exception {
        Path bucket = Files.createDirectories(folder.resolve("copies"));
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        begun(sink);
        for (int i = 1; i <= 2; i++) {
            Delivery.Delivered commit = commit(sink, i, false, null, "{\"id\":%d}".formatted(i));
            Delivery.Part part = commit.files().get(0);
            Path copy = bucket.resolve(i + ".ndjson.gz");
            part.with(file -> Files.move(file, copy));
            sink.delivery()
                    .deliver(new Delivery.Delivered(
                            i, 1, "r1", false, null, List.of(new Delivery.Part(copy, part.rows(), part.sha256()))));
            Files.delete(copy);
        }
        sink.delivery().settle();

        assertThat(texts("id")).containsExactly("1", "2");
        assertThat(folder.resolve("state/lake")).isEmptyDirectory();
    }

    @Test
    void takesNothingBesideWhatIsThereBeforeItKnowsWhatIsMissing() throws Exception {
        BigQuerySink first = sink("", SinkContext.Keeps.ALL);
        Delivery.Delivered one = commit(first, 1, false, null, "{\"id\":1}");
        Delivery.Delivered two = commit(first, 2, false, null, "{\"id\":2}");
        BigQuerySink sink = sink(", load-rows: 1", SinkContext.Keeps.ALL);
        sink.delivery().begin();
        sink.delivery().deliver(two); // as recovery does with a commit that the database does not know
        assertThat(sink.delivery().reached()).isZero();
        sink.delivery().deliver(one);
        sink.delivery().deliver(two);

        assertThat(texts("id")).containsExactly("1", "2");
        assertThat(sink.delivery().reached()).isEqualTo(2);
    }

    @Test
    void survivesTroubleOfEveryRequest() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.LATEST);
        Delivery.Delivered one = commit(sink, 1, false, null, version(1, "a", 1), version(2, "b", 1));
        Delivery.Delivered two = commit(sink, 2, false, null, version(1, "c", 2), "{\"id\":3,\"new\":1,\"cursor\":2}");
        for (Fault fault : List.of(Fault.LOST, Fault.CUT, Fault.UNAVAILABLE, Fault.QUOTA)) {
            for (int request = 1; ; request += fault == Fault.LOST ? 1 : 5) {
                List.of(TABLE, "_caravan_commits").forEach(each -> {
                    if (store.tables().contains(each)) {
                        store.drop(each);
                    }
                });
                BigQuerySink fresh = sink(
                        ", name: s%d%s".formatted(request, fault.name().toLowerCase(Locale.ROOT)),
                        SinkContext.Keeps.LATEST);
                int number = request;
                int[] seen = new int[1];
                server.faults(call -> ++seen[0] == number ? fault : null);

                assertThat(fresh.delivery().reached()).isZero();
                fresh.delivery().deliver(one);
                fresh.delivery().settle();
                fresh.delivery().deliver(two);
                fresh.delivery().settle();

                server.faults(call -> null);
                assertThat(texts("id")).as("%s of request %d", fault, request).containsExactly("1", "2", "3");
                assertThat(texts("v")).containsExactly("c", "b", null);
                assertThat(store.rows("_caravan_commits")).hasSize(2);
                if (seen[0] < number) {
                    assertThat(number).isGreaterThan(20);
                    break;
                }
            }
        }
        assertThat(pauses).isNotEmpty();
    }

    @Test
    void goesOnWhereAnotherWasKilledInTheMiddle() throws Exception {
        BigQuerySink made = sink("", SinkContext.Keeps.ALL);
        Delivery.Delivered one = commit(made, 1, false, null, "{\"id\":1}");
        Delivery.Delivered two = commit(made, 2, false, null, "{\"id\":2}");
        for (int request = 1; ; request++) {
            store.tables().forEach(store::drop);
            int number = request;
            int[] seen = new int[1];
            // All is done that was asked for, then the process is gone: nothing is asked any more.
            server.faults(call -> ++seen[0] < number ? null : seen[0] == number ? Fault.LOST : Fault.DENIED);
            String settings = ", stream-below: 0, name: s" + request;
            BigQuerySink killed = sink(settings, SinkContext.Keeps.ALL);
            boolean whole = true;
            try {
                killed.delivery().reached();
                killed.delivery().deliver(one);
                killed.delivery().deliver(two);
                killed.delivery().settle();
            } catch (DeliveryException e) {
                whole = false;
            }
            server.faults(call -> null);
            assertThat(store.rows(TABLE).size()).as("after request %d", request).isIn(0, 2);

            BigQuerySink next = sink(settings, SinkContext.Keeps.ALL);
            if (next.delivery().reached() < 2) {
                next.delivery().deliver(one);
                next.delivery().deliver(two);
                next.delivery().settle();
            }
            assertThat(texts("id")).as("after request %d", request).containsExactly("1", "2");
            if (whole) {
                assertThat(number).isGreaterThan(8);
                return;
            }
        }
    }

    @Test
    void looksUntilAJobHasEndedAndTriesOneAgainThatFailedForAWhile() throws Exception {
        server.slow(3);
        BigQuerySink sink = sink("", SinkContext.Keeps.LATEST);
        deliver(sink, 1, version(1, "a", 1));
        assertThat(texts("v")).containsExactly("a");
        server.slow(0);
        for (String kind : List.of("load", "query")) {
            server.failJobs(kind, 2, 503, "backendError", "Error encountered during execution. Retrying may help");
            deliver(sink, kind.equals("load") ? 2 : 3, version(1, kind, kind.equals("load") ? 2 : 3));
            assertThat(texts("v")).containsExactly(kind);
        }
        assertThat(server.jobs().stream().filter(each -> each.endsWith("_2"))).hasSize(2);
        assertThat(pauses).contains(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(100));
    }

    @Test
    void doesNotWaitForAJobWhoseUploadWasLeftByAnother() throws Exception {
        server.knowJobsEarly();
        Delivery.Delivered one = commit(sink("", SinkContext.Keeps.ALL), 1, false, null, "{\"id\":1}");
        BigQuerySink killed = sink(", stream-below: 0", SinkContext.Keeps.ALL);
        // Its upload began, and then it is gone: nothing is asked any more.
        server.faults(call -> server.jobs().isEmpty() ? null : Fault.DENIED);
        begun(killed);
        killed.delivery().deliver(one);
        assertThatThrownBy(() -> killed.delivery().settle()).isInstanceOf(DeliveryException.class);
        assertThat(server.jobs()).hasSize(1);
        server.faults(call -> null);

        BigQuerySink next = sink(", stream-below: 0", SinkContext.Keeps.ALL);
        begun(next);
        next.delivery().deliver(one);
        next.delivery().settle();

        assertThat(texts("id")).containsExactly("1");
        assertThat(server.jobs()).hasSize(3).anyMatch(each -> each.matches("caravan_load_.*_1"));
        assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
                .isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    @Test
    void aJobThatFailedForGoodIsSaidAndMendedByTheNextLease() throws Exception {
        BigQuerySink sink = sink(", stream-below: 0", SinkContext.Keeps.ALL);
        server.failJobs(
                "load", 1, 400, "invalid", "Error while reading data, error message: JSON table is full of errors");
        assertThatThrownBy(() -> deliver(sink, 1, "{\"id\":1}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("acme-orders: sink 'bigquery', BigQuery, table acme-lake.raw.acme_orders")
                .hasMessageContaining("delivering commits 1 to 1 failed: job caravan_load_")
                .hasMessageContaining("JSON table is full of errors")
                .hasMessageContaining("Look at the table and at the job");
        assertThat(store.rows(TABLE)).isEmpty();

        sink.delivery().settle(); // what failed was kept, and goes first
        assertThat(texts("id")).containsExactly("1");
    }

    @Test
    void namesSinkTableCauseAndRemedy() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        assertSays(Fault.DENIED, sink, "Access Denied", "roles/bigquery.dataEditor");
        assertThat(pauses).isEmpty();
        assertSays(
                Fault.UNKNOWN_CREDENTIAL, sink, "invalid authentication", "Give the sink 'credentials' that are valid");
        assertThat(pauses).isEmpty();
        assertSays(Fault.QUOTA, sink, "Quota exceeded", "A quota of project acme-lake is used up");
        assertThat(pauses).hasSize(10).endsWith(Duration.ofSeconds(32));
        assertSays(Fault.CUT, sink, "", "Look whether this machine reaches BigQuery");
        server.faults(call -> null);

        BigQuerySink elsewhere = sink(", dataset: nowhere", SinkContext.Keeps.ALL);
        assertThatThrownBy(() -> write(elsewhere, null, "{\"id\":1}"))
                .hasMessageContaining("table acme-lake.nowhere.acme_orders")
                .hasMessageContaining("Create dataset nowhere in project acme-lake in EU");
        deliver(sink, 1, "{\"id\":1}");
        assertThat(texts("id")).containsExactly("1");
    }

    @Test
    void tellsAWrongClockFromACredentialThatIsGone() throws Exception {
        try (FakeApi google = ServiceAccounts.google()) {
            for (String answer : List.of("clock", "gone")) {
                String key = ServiceAccounts.key(google.url() + "/" + answer);
                BigQuerySink sink = sink(", credentials: '%s'".formatted(key), SinkContext.Keeps.ALL);
                assertThatThrownBy(() -> write(sink, null, "{\"id\":1}"))
                        .isInstanceOf(DeliveryException.class)
                        .hasMessageContaining("table acme-lake.raw.acme_orders")
                        .hasMessageContaining(
                                answer.equals("clock")
                                        ? "Set this machine's clock"
                                        : "Give the sink 'credentials' that are valid")
                        .message()
                        .doesNotContain(key.substring(key.indexOf("KEY-----") + 10, key.indexOf("KEY-----") + 50));
            }
            assertThat(server.calls()).isEmpty();
        }
    }

    private void assertSays(Fault fault, BigQuerySink sink, String cause, String remedy) {
        server.faults(call -> fault);
        assertThatThrownBy(() -> write(sink, null, "{\"id\":1}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining(
                        "acme-orders: sink 'bigquery', BigQuery, table acme-lake.raw.acme_orders: making it ready failed")
                .hasMessageContaining(cause)
                .hasMessageContaining(remedy);
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
    }

    @Test
    void refusesATableOfAnotherFolderAndFillsOneThatWasDropped() throws Exception {
        BigQuerySink sink = sink(", stream-below: 0", SinkContext.Keeps.ALL);
        begun(sink);
        Delivery.Delivered one = commit(sink, 1, false, null, "{\"id\":1}");
        sink.delivery().deliver(one);
        sink.delivery().settle();
        Delivery.Delivered other = commit(sink, 1, false, null, "{\"id\":7}");
        assertThatThrownBy(() -> sink.delivery().deliver(other))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("acme-lake.raw.acme_orders")
                .hasMessageContaining("not of this folder of data");

        for (int i = 0; i < 3; i++) {
            store.drop(TABLE);
            store.change("DELETE FROM raw._caravan_commits");
            BigQuerySink next = sink(", stream-below: 0", SinkContext.Keeps.ALL);
            assertThat(next.delivery().reached()).isZero();
            next.delivery().deliver(one);
            next.delivery().settle();
            assertThat(texts("id")).containsExactly("1");
        }
    }

    @Test
    void streamsFewRowsUnderIdsOfTheirKeys() throws Exception {
        BigQuerySink sink = sink("", SinkContext.Keeps.ALL);
        begun(sink);
        int[] lost = new int[1];
        server.faults(call -> call.is("POST", "/insertAll") && lost[0]++ < 2 ? Fault.LOST : null);
        sink.delivery().deliver(commit(sink, 1, false, null, "{\"id\":1}", "{\"id\":2}"));
        sink.delivery().settle();

        assertThat(lost[0]).isEqualTo(3);
        assertThat(texts("id")).containsExactly("1", "2");
        assertThat(texts("_caravan_commit")).containsExactly("1", "1");
        assertThat(server.jobs()).allMatch(each -> each.startsWith("caravan_take_"));
        assertThat(sink.delivery().reached()).isEqualTo(1);
        assertThatThrownBy(() -> sink.delivery().deliver(commit(sink, 2, true, null, "{\"id\":3}")))
                .hasMessageContaining("streaming buffer")
                .hasMessageContaining("stream-below: 0");
        store.flush();
        sink.delivery().deliver(commit(sink, 3, true, null, "{\"id\":4}"));
        assertThat(texts("id")).containsExactly("4");
    }

    /** The component of Camel that comes with it, without what is left out of the jar. */
    @Test
    void aRouteMayAskForAStatementAfterTheLoad() throws Exception {
        deliver(sink("", SinkContext.Keeps.LATEST), 1, version(1, "a", 1));
        store.make("latest", "id INT64");
        server.unpack(); // the route's client is not ours
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.getRegistry()
                    .bind(
                            "lake",
                            new GoogleBigQueryConnectionFactory(BigQueryOptions.newBuilder()
                                    .setProjectId(BigQueryStore.PROJECT)
                                    .setLocation("EU")
                                    .setHost(server.url())
                                    .setCredentials(NoCredentials.getInstance())
                                    .build()
                                    .getService()));
            camel.start();
            Object rows = camel.createProducerTemplate()
                    .requestBody(
                            "google-bigquery-sql:acme-lake:INSERT INTO `acme-lake`.`raw`.`latest` (id) SELECT id FROM `acme-lake`.`raw`.`acme_orders`?connectionFactory=#lake",
                            Map.of());
            assertThat(rows).isEqualTo(1L);
            assertThat(store.rows("latest")).hasSize(1);
        }
    }

    @Test
    void refusesSettingsThatCannotBe() {
        assertRefused("type: bigquery, dataset: raw", "needs a 'project' and a 'dataset'");
        assertRefused("type: bigquery, project: Acme Lake, dataset: raw", "project 'Acme Lake' is none");
        assertRefused("type: bigquery, project: acme-lake, dataset: ra-w", "dataset 'ra-w' is none");
        assertRefused("type: bigquery, project: acme-lake, dataset: raw, endpoint: nowhere", "endpoint is no address");
        assertRefused("type: bigquery, project: acme-lake, dataset: raw, stream-below: 1000", "stream-below is 1000");
        assertRefused("type: bigquery, project: acme-lake, dataset: raw, load-rows: 0", "load-rows is 0");
        assertRefused("type: bigquery, project: acme-lake, dataset: raw, partition-per: day", "needs partition-by");
        assertRefused(
                "type: bigquery, project: acme-lake, dataset: raw, partition-by: at, partition-per: week", "'week'");
        assertRefused(
                "type: bigquery, project: acme-lake, dataset: raw, cluster-by: [a, b, c, d, e]", "cluster-by has 5");
        assertRefused("type: bigquery, project: acme-lake, dataset: raw, credentials: s3cret", "is not the JSON");
        assertRefused(
                "type: bigquery, project: acme-lake, dataset: raw, endpoint: \"http://example.com\", credentials: '{\"type\":\"authorized_user\"}'",
                "unencrypted");
        assertThat(settings(", credentials: '{\"type\":\"authorized_user\",\"refresh_token\":\"s3cret\"}'")
                        .toString())
                .doesNotContain("s3cret");
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read("{" + yaml + "}", SinkSettings.class))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("s3cret");
    }

    private BigQuerySettings settings(String more) {
        String dataset = more.contains("dataset:") ? "" : ", dataset: raw";
        return (BigQuerySettings) YamlSettings.read(
                "{type: bigquery, project: acme-lake, location: EU, endpoint: \"%s\"%s%s}"
                        .formatted(server.url(), dataset, more),
                SinkSettings.class);
    }

    private BigQuerySink sink(String more, SinkContext.Keeps keeps) {
        Predicate<byte[]> deleted = keeps == SinkContext.Keeps.LATEST
                ? row -> new String(row, StandardCharsets.UTF_8).contains("gone")
                : null;
        BigQuerySettings settings = settings(more);
        return new BigQuerySink(
                settings,
                TABLE,
                new SinkContext(
                        "acme",
                        "orders",
                        false,
                        folder,
                        folder.resolve("acme/orders"),
                        new NoOutlet(),
                        null,
                        keeps,
                        deleted,
                        new NoWaiting(pauses)),
                BigQueryCalls.to(settings, new NoWaiting(pauses)));
    }

    private static void begun(BigQuerySink sink) throws IOException {
        sink.delivery().begin();
        sink.delivery().reached();
    }

    private static String version(int id, String value, int cursor) {
        return "{\"id\":%d,\"v\":\"%s\",\"cursor\":%d}".formatted(id, value, cursor);
    }

    private void deliver(BigQuerySink sink, long sequence, String... rows) throws IOException {
        begun(sink);
        sink.delivery().deliver(commit(sink, sequence, false, null, rows));
        sink.delivery().settle();
    }

    private Delivery.Delivered commit(
            BigQuerySink sink, long sequence, boolean replaces, @Nullable Portion portion, String... rows)
            throws IOException {
        List<Delivery.Part> parts = new ArrayList<>();
        for (SealedFile file : write(sink, portion, rows)) {
            Path place = folder.resolve("acme/orders").resolve(file.path());
            Files.createDirectories(place.resolveSibling("."));
            Files.move(folder.resolve(file.staged()), place);
            parts.add(new Delivery.Part(place, file.rows(), file.sha256()));
        }
        return new Delivery.Delivered(sequence, 1, "r1", replaces, portion, parts);
    }

    private List<SealedFile> write(BigQuerySink sink, @Nullable Portion portion, String... rows) {
        return sink.write(
                new Destination(
                        folder,
                        folder.resolve("_staging/7"),
                        "r1",
                        ++batches,
                        ZoneOffset.UTC,
                        AT,
                        false,
                        form(),
                        portion),
                records(rows));
    }

    private static FlatForm form() {
        return new FlatForm("r1", AT, Map.of());
    }

    private static List<SourceRecord> records(String... rows) {
        List<SourceRecord> records = new ArrayList<>();
        for (String row : rows) {
            byte[] bytes = row.getBytes(StandardCharsets.UTF_8);
            int at = row.indexOf("\"cursor\":");
            Instant cursor = at < 0 ? null : AT.plusSeconds(Long.parseLong(row.substring(at + 9, row.length() - 1)));
            records.add(new SourceRecord(bytes, 0, bytes.length, row.replaceAll(".*\"id\":(\\d+).*", "$1"), cursor));
        }
        return records;
    }

    /** Returns the values of a column as texts, by the id of their row. */
    private List<@Nullable String> texts(String column) {
        List<@Nullable String> texts = new ArrayList<>();
        store.rows(TABLE).stream()
                .sorted((one, other) ->
                        Long.compare(one.path("id").asLong(), other.path("id").asLong()))
                .forEach(row -> texts.add(row.has(column) ? row.path(column).asText() : null));
        return texts;
    }
}
