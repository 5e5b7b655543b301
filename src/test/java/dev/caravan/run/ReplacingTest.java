package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.commit.Problem;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Window;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.BigQueryStore;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.PostgresServer;
import dev.caravan.testkit.Tables;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** What is pulled takes the place of what was there of it: of days of a partition, or of all of it. */
@Timeout(3600)
class ReplacingTest {
    /** Every step, in place of some. */
    private static final boolean LONG = Boolean.getBoolean("caravan.long");

    private static final String URL = "https://api.acme.example/v1";
    private static final String DAYS = Workshop.ORDERS + "disposition: delete-insert\nlookback: 2d\n";

    /** Rows of two days, two of them on a page; of the second day nothing is left later. */
    private static final Map<String, String> FIRST = new TreeMap<>(Map.of(
            "2026-03-01", "1:1.10 2:2.20 3:3.30",
            "2026-03-02", "5:5.50 6:6.60"));

    private static final Map<String, String> LATER = new TreeMap<>(Map.of("2026-03-01", "1:1.10 2:99.00 9:9.90"));

    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    /** The same for every sink, whatever happens in between. */
    abstract class Contract {
        abstract String sink(Path data);

        abstract List<JsonNode> rows(Path data);

        abstract int stride();

        JsonNode value(JsonNode row, String field) {
            return Tables.value(row, field);
        }

        @Test
        void daysThatArePulledAgainHoldWhatIsThereNow() {
            assertThat(pull(folder, folder, FIRST).status()).isEqualTo(RunStatus.DONE);
            assertThat(days(folder)).isEqualTo(FIRST);
            clock.move(Duration.ofHours(1));

            RunSummary again = pull(folder, folder, LATER);

            assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
            assertThat(again.rows()).isEqualTo(3);
            assertThat(days(folder)).isEqualTo(LATER);
            assertSound(folder);
        }

        @Test
        void isWholeWhereverItIsKilled() throws IOException {
            survives(FailingFiles.Mode.BEFORE, "killed");
        }

        @Test
        void isWholeWhicheverAnswerIsLost() throws IOException {
            survives(FailingFiles.Mode.AFTER, "Input/output error");
        }

        private void survives(FailingFiles.Mode mode, String why) throws IOException {
            Path whole = Files.createDirectories(folder.resolve("whole"));
            pull(whole, whole, FIRST);
            clock.move(Duration.ofHours(1));
            FailingFiles files = FailingFiles.over(whole);
            pull(whole, files.path(whole), LATER, () -> files.failAt(Long.MAX_VALUE, mode, why));
            long steps = files.changes();
            assertThat(steps).isGreaterThan(20);
            for (long step = 1; step <= steps; step += LONG ? 1 : stride()) {
                Path data = Files.createDirectories(folder.resolve("step-" + step));
                long number = step;
                clock.move(Duration.ofHours(-1));
                pull(data, data, FIRST);
                clock.move(Duration.ofHours(1));
                pull(data, files.path(data), LATER, () -> files.failAt(number, mode, why));
                assertThat(files.hasFailed()).as("step %d of %d", step, steps).isTrue();
                assertOldOrNew(days(data), step);
                files.failAt(Long.MAX_VALUE, mode, why);

                RunSummary next = pull(data, data, LATER);

                assertThat(next.status())
                        .as("after step %d: %s", step, next.error())
                        .isEqualTo(RunStatus.DONE);
                assertThat(days(data)).as("after step %d of %d", step, steps).isEqualTo(LATER);
                assertSound(data);
            }
        }

        /** Of each day what was there, or what is: a reader of folders may see less of it for a moment, but no mixture. */
        private void assertOldOrNew(Map<String, String> seen, long step) {
            seen.forEach((day, rows) -> {
                List<String> some = List.of(rows.split(" ", -1));
                List<String> old = List.of(FIRST.getOrDefault(day, "").split(" ", -1));
                List<String> now = List.of(LATER.getOrDefault(day, "").split(" ", -1));
                assertThat(old.containsAll(some) || now.containsAll(some))
                        .as("%s after step %d: %s", day, step, rows)
                        .isTrue();
                assertThat(some).doesNotHaveDuplicates();
            });
        }

        @Test
        void aDayThatFailsHalfWayKeepsWhatItHad() {
            pull(folder, folder, FIRST);
            clock.move(Duration.ofHours(1));

            RunSummary failed = pull(
                    folder,
                    folder,
                    request -> isOfFirstDay(request)
                                    && FakeApi.query(request.uri()).containsKey("page")
                            ? answer(400, "{}")
                            : api(LATER, request));

            assertThat(failed.status()).isEqualTo(RunStatus.PARTIAL);
            assertThat(days(folder)).containsExactly(Map.entry("2026-03-01", FIRST.get("2026-03-01")));
            assertSound(folder);
            assertThat(pull(folder, folder, LATER).status()).isEqualTo(RunStatus.DONE);
            assertThat(days(folder)).isEqualTo(LATER);
        }

        @Test
        void whatCountsIsKnownWithoutTheStateAndWithManyCommits() throws IOException {
            pull(folder, folder, FIRST);
            for (int i = 0; i < 3; i++) {
                FileSystemUtils.deleteRecursively(folder.resolve("state"));
                clock.move(Duration.ofHours(1));
                Map<String, String> now = new TreeMap<>(Map.of("2026-03-01", "1:%d.50".formatted(i)));
                RunSummary again = pull(folder, folder, now);
                assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
                assertThat(days(folder)).isEqualTo(now);
            }
            assertSound(folder);
        }

        final RunSummary pull(Path place, Path data, Map<String, String> now) {
            return pull(place, data, now, () -> {});
        }

        private RunSummary pull(Path place, Path data, Map<String, String> now, Runnable begun) {
            return ReplacingTest.this.pull(
                    data, DAYS + "sink: " + sink(place) + "\n", RunRequest.now(), request -> api(now, request), begun);
        }

        private RunSummary pull(Path place, Path data, Function<Request, Answer> api) {
            return ReplacingTest.this.pull(data, DAYS + "sink: " + sink(place) + "\n", RunRequest.now(), api, () -> {});
        }

        final Map<String, String> days(Path data) {
            return ReplacingTest.days(rows(data), this::value);
        }

        final void assertSound(Path data) {
            ReplacingTest.this.assertSound(data, DAYS + "sink: " + sink(data) + "\n");
        }
    }

    @Nested
    class OfFiles extends Contract {
        @Override
        String sink(Path data) {
            return "files";
        }

        @Override
        List<JsonNode> rows(Path data) {
            return FileSinkContractTest.visible(data.resolve("acme/orders"));
        }

        @Override
        int stride() {
            return 5;
        }
    }

    @Nested
    class OfParquetByAField extends Contract {
        @Override
        String sink(Path data) {
            return "{format: parquet, partition-by: id}";
        }

        @Override
        List<JsonNode> rows(Path data) {
            return FileSinkContractTest.visible(data.resolve("acme/orders"));
        }

        @Override
        int stride() {
            return 47;
        }
    }

    @Nested
    class OfDuck extends Contract {
        @Override
        String sink(Path data) {
            return "duckdb";
        }

        @Override
        List<JsonNode> rows(Path data) {
            Path file = data.resolve("warehouse.duckdb");
            return Files.exists(file) ? Tables.rows("jdbc:duckdb:" + file, "acme_orders") : List.of();
        }

        @Override
        int stride() {
            return 37;
        }

        @Test
        void aTableOfABackupHoldsWhatCountsAgainAndNothingElse() throws IOException {
            pull(folder, folder, FIRST);
            Path database = folder.resolve("warehouse.duckdb");
            closed(database);
            Path backup = Files.copy(database, folder.resolve("backup"));
            clock.move(Duration.ofHours(1));
            pull(folder, folder, LATER);
            closed(database);
            Files.copy(backup, database, StandardCopyOption.REPLACE_EXISTING);
            assertThat(days(folder)).isEqualTo(FIRST);

            assertSound(folder); // it recovers first

            assertThat(days(folder)).isEqualTo(LATER);
            FileSystemUtils.deleteRecursively(folder.resolve("state"));
            assertSound(folder);
            assertThat(days(folder)).isEqualTo(LATER);
        }

        /** DuckDB deletes its journal when it closes the file, a second after the last delivery. */
        private static void closed(Path database) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> Files.notExists(database.resolveSibling(database.getFileName() + ".wal")));
        }
    }

    @Nested
    class OfPostgres extends Contract {
        private static final PostgresServer.Database DATABASE = PostgresServer.database();

        @Override
        String sink(Path data) {
            return "{type: jdbc, url: \"%s\", user: postgres, schema: %s}\nshape: flat"
                    .formatted(DATABASE.url(), schema(data));
        }

        private static String schema(Path data) {
            return "s" + Integer.toHexString(data.toString().hashCode());
        }

        @Override
        List<JsonNode> rows(Path data) {
            return Tables.rows(DATABASE.url() + "?user=postgres", schema(data) + ".acme_orders");
        }

        @Override
        int stride() {
            return 29;
        }
    }

    @Nested
    class OfBigQuery extends Contract {
        private final BigQueryServer server = BigQueryServer.start();

        @AfterEach
        void close() {
            server.close();
        }

        @Override
        String sink(Path data) {
            return "{type: bigquery, project: %s, dataset: %s, endpoint: \"%s\"}\nshape: flat"
                    .formatted(BigQueryStore.PROJECT, dataset(data), server.url());
        }

        private static String dataset(Path data) {
            return BigQueryStore.DATASET + Integer.toHexString(data.toString().hashCode());
        }

        @Override
        List<JsonNode> rows(Path data) {
            return server.store().rows(dataset(data), "acme_orders");
        }

        @Override
        int stride() {
            return 41;
        }

        /** A NUMERIC has no digits behind the point but those it needs. */
        @Override
        JsonNode value(JsonNode row, String field) {
            JsonNode value = Tables.value(row, field);
            return field.equals("amount")
                    ? TextNode.valueOf(
                            new BigDecimal(value.asText()).setScale(2).toPlainString())
                    : value;
        }
    }

    @Test
    void severalSinksHoldTheSameWithoutAKey() {
        String both = DAYS.replace("key: id\n", "") + "sink: [files, {name: copy, format: csv}]\n";
        pull(both, FIRST);
        clock.move(Duration.ofHours(1));

        RunSummary again = pull(both, LATER);

        assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
        assertThat(days("acme/orders")).isEqualTo(LATER);
        assertThat(days("acme/orders@copy")).isEqualTo(LATER);
    }

    @Test
    void aKeyIsTakenOnceOfADay() {
        pull(DAYS, Map.of("2026-03-01", "1:1.10 2:2.20 1:1.10"));
        assertThat(days("acme/orders")).isEqualTo(Map.of("2026-03-01", "1:1.10 2:2.20"));
    }

    @Test
    void theDayThatIsNotOverIsPulledFromItsBeginning() {
        String today = DAYS.replace("lookback: 2d\n", "");
        pull(today, FIRST);
        clock.move(Duration.ofHours(10));
        pull(today, Map.of("2026-03-03", "7:7.70"));
        clock.move(Duration.ofHours(1));
        List<String> asked = new ArrayList<>();

        pull(
                folder,
                today,
                RunRequest.now(),
                request -> {
                    asked.add(FakeApi.query(request.uri()).get("from"));
                    return api(Map.of("2026-03-03", "7:7.70 8:8.80"), request);
                },
                () -> {});

        assertThat(asked).containsExactly("2026-03-03T00:00:00Z");
        assertThat(days("acme/orders"))
                .isEqualTo(Map.of(
                        "2026-03-01", "1:1.10 2:2.20 3:3.30",
                        "2026-03-02", "5:5.50 6:6.60",
                        "2026-03-03", "7:7.70 8:8.80"));
    }

    @Test
    void aBackfillReplacesItsDaysWhole() {
        pull(DAYS, FIRST);
        Window half = new Window(Instant.parse("2026-03-01T12:00:00Z"), Instant.parse("2026-03-01T18:00:00Z"));

        RunSummary backfill =
                pull(folder, DAYS, RunRequest.now().withBackfill(half), request -> api(LATER, request), () -> {});

        assertThat(backfill.status()).as(backfill.error()).isEqualTo(RunStatus.DONE);
        assertThat(days("acme/orders"))
                .isEqualTo(Map.of("2026-03-01", "1:1.10 2:99.00 9:9.90", "2026-03-02", "5:5.50 6:6.60"));
    }

    @Test
    void windowsOfAnotherLengthTakeThePlaceOfTheDaysTheyHold() {
        pull(DAYS.replace("window: 1d", "window: 2d"), FIRST);
        clock.move(Duration.ofDays(1));

        pull(DAYS.replace("lookback: 2d", "lookback: 1d"), Map.of("2026-03-03", "7:7.70"));

        assertThat(days("acme/orders")).isEqualTo(Map.of("2026-03-01", "1:1.10 2:2.20 3:3.30", "2026-03-03", "7:7.70"));
        assertSound(folder, DAYS);
    }

    @Test
    void ofASliceThatIsPulledInHalvesNothingIsLeftOfTheFirstAttempt() {
        String capped = DAYS + "truncated: $.cut\n";
        Function<Request, Answer> api = request -> {
            Map<String, String> query = FakeApi.query(request.uri());
            boolean first = "2026-03-02T00:00:00Z".equals(query.get("to"));
            boolean whole = first && isOfFirstDay(request);
            if (whole && query.containsKey("page")) {
                return answer(200, "{\"data\":[],\"cut\":true}");
            }
            return whole
                    ? answer(200, "{\"data\":[%s],\"next\":2}".formatted(row("2026-03-01", 0, "77:7.70")))
                    : api(FIRST, request);
        };
        try (Workshop workshop = new Workshop(folder, clock).withBatchRows(1)) {
            RunSummary summary = new ByHand(api).pull(live(workshop, capped));
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(days("acme/orders")).doesNotContainValue("77:7.70").containsEntry("2026-03-02", "5:5.50 6:6.60");
        assertThat(days("acme/orders").get("2026-03-01")).doesNotContain("77");
        assertSound(folder, capped);
    }

    @Test
    void ofAListAllIsReplacedForEachPartition() {
        String lists = """
                path: "/lists/${partition.list}"
                records: $.data
                partitions: {of: list, values: "a, b"}
                add-fields: {list: "${partition.list}"}
                disposition: replace
                """;
        pull(folder, lists, RunRequest.now(), request -> list(request, "1 2", "3"), () -> {});
        clock.move(Duration.ofHours(1));
        RunSummary failed = pull(
                folder,
                lists,
                RunRequest.now(),
                request -> request.uri().getPath().endsWith("a") ? answer(500, "{}") : list(request, "", "4"),
                () -> {});
        assertThat(failed.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(listed()).isEqualTo("a1 a2 b4");
        clock.move(Duration.ofHours(1));

        pull(folder, lists, RunRequest.now(), request -> list(request, "2", ""), () -> {});

        assertThat(listed()).isEqualTo("a2");
        assertSound(folder, lists);
    }

    @Test
    void aFullRefreshIsTheWayFromAnotherDisposition() {
        pull(Workshop.ORDERS, FIRST);
        clock.move(Duration.ofHours(1));
        try (Workshop workshop = new Workshop(folder, clock)) {
            live(workshop, DAYS).keepState();
        }
        RunSummary refused = pull(DAYS, LATER);
        assertThat(refused.status()).isEqualTo(RunStatus.FAILED);
        assertThat(refused.error()).contains("delete-insert", "pull acme-orders --full-refresh");

        RunSummary refresh =
                pull(folder, DAYS, RunRequest.now().withFullRefresh(true), request -> api(LATER, request), () -> {});

        assertThat(refresh.status()).as(refresh.error()).isEqualTo(RunStatus.DONE);
        assertThat(days("acme/orders")).isEqualTo(LATER);
        clock.move(Duration.ofHours(1));
        assertThat(pull(DAYS, FIRST).status()).isEqualTo(RunStatus.DONE);
        assertThat(days("acme/orders")).isEqualTo(FIRST);
        assertSound(folder, DAYS);
    }

    @Test
    void aSnapshotAndAViewHaveEveryRowAndNeedNoKey() throws SQLException {
        String keyless = DAYS.replace("key: id\n", "");
        pull(keyless, FIRST);
        clock.move(Duration.ofHours(1));
        pull(keyless, LATER);
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream live = live(workshop, keyless);
            assertThat(live.snapshot(SinkSettings.usual(), folder.resolve("snap")))
                    .isEqualTo(3);
            assertThat(days("snap")).isEqualTo(LATER);
            String database = "jdbc:duckdb:" + folder.resolve("views.duckdb");
            try (Connection session = DriverManager.getConnection(database);
                    Statement statement = session.createStatement()) {
                statement.execute(live.latestView());
            }
            assertThat(Tables.rows(database, "acme_orders")).hasSize(3);
        }
    }

    @Test
    void whatWasRejectedGoesWithItsDayAndIsNotReplayed() {
        Function<Request, Answer> bad = request -> isOfFirstDay(request)
                ? answer(200, "{\"data\":[{\"id\":1,\"at\":\"soon\"},%s]}".formatted(row("2026-03-01", 0, "2:2.20")))
                : answer(200, "{\"data\":[]}");
        assertThat(pull(folder, DAYS, RunRequest.now(), bad, () -> {}).rejected())
                .isEqualTo(1);
        assertThat(FileSinkContractTest.visible(folder.resolve("errors/acme/orders")))
                .hasSize(1);
        RunSummary replay = pull(folder, DAYS, RunRequest.now().withReplay(true), bad, () -> {});
        assertThat(replay.error()).contains("nothing to replay", "--from and --to");
        clock.move(Duration.ofHours(1));

        pull(DAYS, FIRST);

        assertThat(FileSinkContractTest.visible(folder.resolve("errors/acme/orders")))
                .isEmpty();
        assertSound(folder, DAYS);
    }

    @Test
    void aRecordWithoutADayNeedsAWindowOfOne() {
        Function<Request, Answer> undated = request -> answer(200, "{\"data\":[{\"id\":1}]}");
        RunSummary one = pull(folder, DAYS, RunRequest.now(), undated, () -> {});
        assertThat(one.status()).as(one.error()).isEqualTo(RunStatus.DONE);
        assertThat(one.rows()).isEqualTo(2);
        clock.move(Duration.ofHours(1));

        RunSummary two = pull(folder, DAYS.replace("window: 1d", "window: 2d"), RunRequest.now(), undated, () -> {});

        assertThat(two.error()).contains("has no cursor", "window: 1d");
        assertThat(two.status()).as("the day that is not over is one").isEqualTo(RunStatus.PARTIAL);
        assertThat(Landed.in(folder, "acme/orders").rows()).hasSize(3);
    }

    @Test
    void isRefusedWhereItCouldNotBeTold() {
        assertRefused("disposition: delete-insert", "it needs a 'cursor'", "say replace");
        assertRefused("disposition: replace\ncursor: {field: at, format: iso}", "filtered: false", "delete-insert");
        assertRefused("disposition: replace\ncursor: {token: $.next, to: query.token}", "all has to be pulled");
        assertRefused(
                "disposition: replace\nkey: id\npartitions: {of: list, values: \"a, b\", group: 2}",
                "leave out 'group'");
        assertRefused("disposition: overwrite", "append, merge, replace, delete-insert");
    }

    private void assertRefused(String settings, String... why) {
        try (Workshop workshop = new Workshop(folder, clock)) {
            assertThatThrownBy(() -> workshop.read(
                            Workshop.vendor(URL, Workshop.stream("orders", "path: /orders\n" + settings + "\n"))))
                    .message()
                    .contains(why);
        }
    }

    private RunSummary pull(String stream, Map<String, String> now) {
        return pull(folder, stream, RunRequest.now(), request -> api(now, request), () -> {});
    }

    private RunSummary pull(
            Path data, String stream, RunRequest request, Function<Request, Answer> api, Runnable begun) {
        try (Workshop workshop = new Workshop(data, clock)) {
            LiveStream live = live(workshop, stream);
            begun.run();
            return new ByHand(api).pull(live, request, Gate.OPEN);
        }
    }

    private static LiveStream live(Workshop workshop, String stream) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", stream)));
    }

    private void assertSound(Path data, String stream) {
        try (Workshop workshop = new Workshop(data, clock)) {
            assertThat(live(workshop, stream).verify().problems())
                    .extracting(Problem::toString)
                    .isEmpty();
        }
    }

    /** Answers with the rows of a span, two on a page; they lie an hour apart from the beginning of their day on. */
    private static Answer api(Map<String, String> now, Request request) {
        Map<String, String> query = FakeApi.query(request.uri());
        int page = Integer.parseInt(query.getOrDefault("page", "1"));
        Window span = new Window(Instant.parse(query.get("from")), Instant.parse(query.get("to")));
        List<String> rows = new ArrayList<>();
        now.forEach((day, all) -> {
            String[] each = all.split(" ", -1);
            for (int i = 0; i < each.length; i++) {
                if (span.contains(Instant.parse(day + "T00:00:00Z").plus(Duration.ofHours(i)))) {
                    rows.add(row(day, i, each[i]));
                }
            }
        });
        List<String> some = rows.subList(Math.min(rows.size(), 2 * page - 2), Math.min(rows.size(), 2 * page));
        return answer(
                200,
                "{\"data\":[%s]%s}"
                        .formatted(
                                String.join(",", some),
                                2 * page < rows.size() ? ",\"next\":\"%d\"".formatted(page + 1) : ""));
    }

    private static boolean isOfFirstDay(Request request) {
        return "2026-03-01T00:00:00Z".equals(FakeApi.query(request.uri()).get("from"));
    }

    private static String row(String day, int hour, String idAndAmount) {
        String[] both = idAndAmount.split(":", -1);
        return "{\"id\":%s,\"amount\":%s,\"at\":\"%sT%02d:00:00Z\"}".formatted(both[0], both[1], day, hour);
    }

    private static Answer list(Request request, String ofA, String ofB) {
        String ids = request.uri().getPath().endsWith("a") ? ofA : ofB;
        return answer(
                200,
                "{\"data\":[%s]}"
                        .formatted(
                                ids.isEmpty()
                                        ? ""
                                        : List.of(ids.split(" ", -1)).stream()
                                                .map(id -> "{\"id\":" + id + "}")
                                                .collect(Collectors.joining(","))));
    }

    private String listed() {
        return Landed.in(folder, "acme/orders").rows().stream()
                .map(row -> row.path("list").asText() + row.path("id").asText())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private Map<String, String> days(String place) {
        return days(FileSinkContractTest.visible(folder.resolve(place)), Tables::value);
    }

    private interface Value {
        JsonNode of(JsonNode row, String field);
    }

    /** Returns rows as {@code id:amount}, by their day. */
    private static Map<String, String> days(List<JsonNode> rows, Value value) {
        Map<String, List<String>> days = new TreeMap<>();
        for (JsonNode row : rows) {
            days.computeIfAbsent(value.of(row, "at").asText().substring(0, 10), any -> new ArrayList<>())
                    .add(value.of(row, "id").asText() + ":"
                            + value.of(row, "amount").asText());
        }
        Map<String, String> sorted = new TreeMap<>();
        days.forEach((day, each) -> sorted.put(day, each.stream().sorted().collect(Collectors.joining(" "))));
        return sorted;
    }
}
