package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.slice.Window;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What streams advance by: numbers, tokens, lists that come newest first, days of other zones. */
@Timeout(60)
class CursorsTest {
    private static final String URL = "https://api.acme.example/v1";
    private static final String NOTHING = "{\"data\":[]}";

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Request> asked = new ArrayList<>();

    CursorsTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void goesOnBehindTheGreatestNumberItHasSeen() {
        LiveStream orders = orders("""
                path: /orders
                query: {since_id: "${window.from}"}
                records: $.data
                key: id
                cursor: {field: id, format: number, order: ascending}
                next: {from: last-record, value: id, to: query.since_id, while: $.more}
                """);
        Function<Request, Answer> api = ids(1_849_302_817_364_519_220L, 1_849_302_817_364_519_222L);
        RunSummary first = pull(orders, api);
        assertThat(first.rows()).as(first.error()).isEqualTo(3);
        assertThat(first.dropped()).isZero();
        assertThat(query(asked.get(0))).containsEntry("since_id", "0");
        assertThat(orders.checkpointText()).contains("1849302817364519222");
        assertThat(workshop.days("acme/orders")).as("of the day it is pulled").containsOnlyKeys("2026-03-11");

        asked.clear();
        assertThat(pull(orders, ids(1_849_302_817_364_519_220L, 1_849_302_817_364_519_223L))
                        .rows())
                .isEqualTo(1);
        assertThat(query(asked.get(0))).containsEntry("since_id", "1849302817364519222");

        assertThat(orders.exportState().checkpoint()).isEqualTo("1849302817364519223");
        assertThat(orders.exportSeeds()).extracting(StateSeed::lastSyncedCursor).containsExactly("1849302817364519223");
        orders.change(orders.settingState("7", Map.of()));
        assertThat(orders.checkpointText()).contains("7");
        orders.change(
                orders.importingState(
                        "{\"stream\":\"acme-orders\",\"partitions\":[{\"partition\":{},\"checkpoint\":\"1849302817364519222\"}]}"));
        asked.clear();
        RunSummary again = pull(orders, ids(1_849_302_817_364_519_220L, 1_849_302_817_364_519_223L));
        assertThat(again.rows()).isZero();
        assertThat(again.duplicates()).isEqualTo(1);
        assertThatThrownBy(() -> orders.settingState("soon", Map.of())).hasMessageContaining("'soon' is no number");
    }

    private static Function<Request, Answer> ids(long from, long to) {
        return request -> {
            long since = Long.parseLong(query(request).get("since_id"));
            List<Long> ids = LongStream.rangeClosed(from, to)
                    .filter(id -> id > since)
                    .limit(2)
                    .boxed()
                    .toList();
            boolean more = !ids.isEmpty() && ids.get(ids.size() - 1) < to;
            return answer(
                    200,
                    "{\"data\":[%s],\"more\":%s}"
                            .formatted(
                                    ids.stream().map("{\"id\":%d}"::formatted).collect(Collectors.joining(",")), more));
        };
    }

    @Test
    void stopsAListThatComesNewestFirstWhereItIsOlder() {
        LiveStream orders = orders("""
                path: /orders
                records: $.data
                key: id
                cursor: {field: at, format: iso, order: descending, filtered: false}
                next: {from: page-number, to: query.page, size: 10}
                start: "2026-03-01"
                lookback: 1h
                lag: 5m
                """);
        // One order an hour, the newest first, ten a page, back to January.
        Function<Request, Answer> api = request -> {
            int page = Integer.parseInt(query(request).getOrDefault("page", "1"));
            Instant newest = clock.instant();
            return answer(
                    200,
                    "{\"data\":[%s]}"
                            .formatted(LongStream.range((page - 1) * 10L, page * 10L)
                                    .mapToObj(i -> newest.minus(Duration.ofHours(i)))
                                    .map(at -> "{\"id\":%d,\"at\":\"%s\"}".formatted(at.getEpochSecond() / 3600, at))
                                    .collect(Collectors.joining(","))));
        };
        RunSummary first = pull(orders, api);
        assertThat(first.status()).as(first.error()).isEqualTo(RunStatus.DONE);
        assertThat(first.rows())
                .as("since March, without what is younger than the lag")
                .isEqualTo(240);
        assertThat(first.pages()).isEqualTo(25);
        assertThat(first.checkpoint()).isEqualTo("2026-03-10T23:55:00Z");

        clock.move(Duration.ofHours(3));
        RunSummary second = pull(orders, api);
        assertThat(second.pages())
                .as("the first page reaches behind the checkpoint")
                .isEqualTo(1);
        assertThat(second.rows()).isEqualTo(3);
        assertThat(second.duplicates()).isEqualTo(1);
        assertThat(second.checkpoint()).isEqualTo("2026-03-11T02:55:00Z");
        Landed.in(folder, "acme/orders").assertSound("id");
        assertThat(workshop.ids("acme/orders")).hasSize(243).doesNotHaveDuplicates();
    }

    @Test
    void asksForChangesWithTheTokenOfTheLastPageAndForAllWhenItHasExpired() {
        LiveStream orders = orders(sync("cursor: {token: $.sync, to: query.sync}", "{status: 410, then: resync}"));
        Function<Request, Answer> api = request -> {
            Map<String, String> query = query(request);
            String since = query.get("sync");
            if ("expired".equals(since)) {
                return answer(410, "");
            }
            if (since == null) {
                return query.containsKey("page")
                        ? answer(200, "{\"data\":[{\"id\":2}],\"sync\":\"s1\"}")
                        : answer(200, "{\"data\":[{\"id\":1}],\"next\":\"p2\"}");
            }
            return answer(200, "{\"data\":[{\"id\":3}],\"sync\":\"expired\"}");
        };
        RunSummary first = pull(orders, api);
        assertThat(first.rows()).as(first.error()).isEqualTo(2);
        assertThat(orders.exportState().partitions())
                .extracting(StateExport.Part::token)
                .containsExactly("s1");
        asked.clear();
        assertThat(pull(orders, api).rows()).isEqualTo(1);
        assertThat(asked).hasSize(1);
        assertThat(query(asked.get(0))).containsEntry("sync", "s1");

        asked.clear();
        RunSummary anew = pull(orders, api);
        assertThat(anew.status()).as(anew.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked).extracting(request -> query(request).get("sync")).containsExactly("expired", null, null);
        assertThat(anew.duplicates()).isEqualTo(2);
        assertThat(workshop.ids("acme/orders")).containsExactly(1L, 2L, 3L);
        assertThat(orders.exportState().partitions())
                .extracting(StateExport.Part::token)
                .containsExactly("s1");

        orders.change(orders.settingState("other", Map.of()));
        asked.clear();
        pull(orders, api);
        assertThat(query(asked.get(0))).containsEntry("sync", "other");
        orders.resetState();
        asked.clear();
        pull(orders, api);
        assertThat(query(asked.get(0))).doesNotContainKey("sync");
    }

    @Test
    void keepsTheTokenWhenARunFailsBehindItsFirstPage() {
        LiveStream orders = orders(sync("cursor: {token: $.sync, to: query.sync}", ""));
        orders.change(orders.settingState("s1", Map.of()));
        RunSummary failed = pull(
                orders,
                request -> query(request).containsKey("page")
                        ? answer(400, "")
                        : answer(200, "{\"data\":[{\"id\":1}],\"next\":\"p2\",\"sync\":\"early\"}"));
        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        asked.clear();
        pull(orders, request -> answer(200, NOTHING));
        assertThat(query(asked.get(0))).as("it begins anew with the same").containsEntry("sync", "s1");
        assertThat(orders.exportState().partitions())
                .as("an answer without a token leaves the old one")
                .extracting(StateExport.Part::token)
                .containsExactly("s1");
    }

    @Test
    void asksForTheFirstTokenWhereNoListGivesIt() {
        LiveStream orders =
                orders(sync("cursor: {token: $.sync, to: query.sync, start: {path: /profile, value: $.history}}", ""));
        RunSummary summary = pull(
                orders,
                request -> request.uri().getPath().endsWith("/profile")
                        ? answer(200, "{\"history\":17}")
                        : answer(200, "{\"data\":[{\"id\":1}],\"sync\":\"18\"}"));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked).extracting(request -> request.uri().getPath()).containsExactly("/v1/profile", "/v1/orders");
        assertThat(asked.get(0).headers()).containsKey("Authorization");
        assertThat(query(asked.get(1))).containsEntry("sync", "17");
        asked.clear();
        pull(orders, request -> answer(200, NOTHING));
        assertThat(query(asked.get(0))).containsEntry("sync", "18");

        LiveStream other = workshop.live(Workshop.vendor(URL, Workshop.stream("others", """
                path: /others
                records: $.data
                cursor: {token: $.sync, to: query.sync, start: {path: /profile, value: $.history}}
                """)));
        assertThat(pull(other, request -> answer(200, "{}")).error()).contains("no token to start with");
    }

    @Test
    void followsATokenThatIsAnAddressAndNowhereElse() {
        LiveStream orders = orders("""
                path: /orders
                records: $.data
                key: id
                cursor: {token: $.delta, to: url}
                next: {from: next-url, value: $.next}
                """);
        pull(orders, request -> answer(200, "{\"data\":[{\"id\":1}],\"delta\":\"" + URL + "/delta?token=abc\"}"));
        asked.clear();
        pull(orders, request -> answer(200, "{\"data\":[],\"delta\":\"https://evil.example/delta\"}"));
        assertThat(asked.get(0).uri()).hasToString(URL + "/delta?token=abc");
        asked.clear();
        assertThat(pull(orders, request -> answer(200, NOTHING)).status()).isEqualTo(RunStatus.FAILED);
        assertThat(asked).isEmpty();
    }

    private static String sync(String cursor, String rule) {
        String file = "path: /orders\nrecords: $.data\nkey: id\nnext: {from: body, value: $.next, to: query.page}\n"
                + cursor + "\n";
        return rule.isEmpty() ? file : file + "#" + rule;
    }

    @Test
    void asksForNothingTheVendorDoesNotKeepAnyMore() {
        LiveStream orders = orders(windowed("retention: 30d\nstart: \"2025-01-01\"\nwindow: 10d\n"));
        RunSummary first = pull(orders, request -> answer(200, NOTHING));
        assertThat(first.from()).isEqualTo("2026-02-09T00:00:00Z");
        clock.move(Duration.ofDays(90));
        RunSummary late = pull(orders, request -> answer(200, NOTHING));
        assertThat(late.from()).as("not from the checkpoint").isEqualTo("2026-05-10T00:00:00Z");
        assertThat(late.status()).isEqualTo(RunStatus.DONE);
        assertThat(late.checkpoint()).isEqualTo(clock.instant());
    }

    @Test
    void endsWhereAHistoryEnds() {
        LiveStream orders = orders(windowed("start: \"2019-01-01\"\nend: \"2019-07-01\"\nwindow: 1mo\n"));
        RunSummary all = pull(orders, request -> answer(200, NOTHING));
        assertThat(all.requests()).isEqualTo(6);
        assertThat(all.to()).isEqualTo("2019-07-01T00:00:00Z");
        clock.move(Duration.ofDays(1));
        assertThat(pull(orders, request -> answer(200, NOTHING)).requests()).isZero();
    }

    @Test
    void beginsWindowsWithTheCalendar() {
        LiveStream orders = orders(windowed("start: \"2026-01-15\"\nwindow: 1mo\nwindow-offset: 0s\n"));
        pull(orders, request -> answer(200, NOTHING));
        assertThat(asked)
                .extracting(request -> query(request).getOrDefault("from", "").substring(0, 10))
                .containsExactly("2026-01-15", "2026-02-01", "2026-03-01");
    }

    @Test
    void countsDaysInTheZoneOfEachPartition() {
        LiveStream orders = orders("""
                path: /orders
                query: {account: "${partition.account}", since: "${window.from}", until: "${window.through}"}
                records: $.data
                key: [account, at]
                add-fields: {account: "${partition.account}"}
                cursor: {field: at, format: "yyyy-MM-dd HH:mm:ss"}
                zone: "${partition.zone}"
                start: "2026-03-09"
                window: 1d
                window-offset: 0s
                partitions: {of: account@zone, values: "la@America/Los_Angeles, tokyo@Asia/Tokyo"}
                """);
        // At this moment it is the 10th in Los Angeles, 17:00, and the 11th in Tokyo, 09:00.
        RunSummary summary = pull(
                orders,
                request -> answer(
                        200,
                        "{\"data\":[{\"at\":\"%s\"}]}".formatted(query(request).get("since"))));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked)
                .extracting(request -> query(request).get("account") + " "
                        + query(request).get("since") + " " + query(request).get("until"))
                .containsExactly(
                        "la 2026-03-09 00:00:00 2026-03-09 23:59:59",
                        "la 2026-03-10 00:00:00 2026-03-10 16:59:59",
                        "tokyo 2026-03-09 00:00:00 2026-03-09 23:59:59",
                        "tokyo 2026-03-10 00:00:00 2026-03-10 23:59:59",
                        "tokyo 2026-03-11 00:00:00 2026-03-11 08:59:59");
        assertThat(summary.rows()).isEqualTo(5);
        assertThat(workshop.days("acme/orders"))
                .as("of its own zone")
                .isEqualTo(Map.of("2026-03-09", 2L, "2026-03-10", 2L, "2026-03-11", 1L));

        asked.clear();
        Window days = new Window(Instant.parse("2026-02-01T00:00:00Z"), Instant.parse("2026-02-02T00:00:00Z"));
        new ByHand(request -> {
                    asked.add(request);
                    return answer(200, NOTHING);
                })
                .pull(orders, RunRequest.now().withBackfill(days), Gate.OPEN);
        assertThat(asked)
                .as("one day of each")
                .extracting(request ->
                        query(request).get("since") + " " + query(request).get("until"))
                .containsExactly("2026-02-01 00:00:00 2026-02-01 23:59:59", "2026-02-01 00:00:00 2026-02-01 23:59:59");
    }

    @Test
    void namesThePartitionWhoseZoneIsNone() {
        LiveStream orders = orders(windowed("zone: \"${partition.zone}\"\npartitions: {of: zone, values: nowhere}\n"));
        assertThat(pull(orders, request -> answer(200, NOTHING)).error())
                .contains("the partition zone=nowhere has the zone 'nowhere'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cursor: {field: at, token: $.a, to: query.b} | cursor is a field",
                "cursor: {token: $.a} | a token needs 'token' and 'to'",
                "cursor: {token: $.a, to: nowhere} | 'to: nowhere' is no place",
                "cursor: {token: $.a, to: query.b, take: some} | take 'some' is not one of last-page, first-page",
                "cursor: {token: $.a, to: query.b, start: {path: /p}} | start needs 'path' and 'value'",
                "cursor: {format: iso} | cursor needs a 'field'",
                "cursor: {field: id, format: number}\\nwindow: 1d | a number is no time",
                "cursor: {field: at}\\nretention: 0s | keeps nothing",
                "retention: 30d | retention needs a 'cursor'",
                "end: '2026-01-01' | end needs a 'cursor'",
                "cursor: {field: at}\\nend: soon | end 'soon' is no day or time",
                "cursor: {field: at}\\nstart: '2026-01-01'\\nend: '2026-01-01' | is not before end",
                "cursor: {field: at}\\nwindow-offset: 6h | window-offset needs a 'window'",
                "cursor: {field: at}\\nwindow: 7h\\nwindow-offset: 1h | window-offset needs a 'window'",
                "cursor: {field: at}\\nzone: '${partition.zone}' | partitions have no fields",
                "cursor: {field: at}\\npartitions: {stream: acme-x, take: {id: id}, rows: changed} | say filtered: false",
                "partitions: {of: shop, values: a, group: 2} | 'group' needs a 'key'"
            })
    void refusesWhatCannotBe(String settings, String reason) {
        assertThatThrownBy(() -> orders("path: /orders\n" + settings.replace("\\n", "\n") + "\n"))
                .hasMessageContaining(reason);
    }

    private static String windowed(String more) {
        return """
                path: /orders
                query: {from: "${window.from}", to: "${window.to}"}
                records: $.data
                key: id
                cursor: {field: at, format: iso}
                """ + more;
    }

    private LiveStream orders(String properties) {
        int rule = properties.indexOf('#');
        String own = rule < 0 ? properties : properties.substring(0, rule);
        String file = Workshop.vendor(URL, Workshop.stream("orders", own));
        return workshop.live(
                rule < 0
                        ? file
                        : file.replace(
                                "in-flight: 64",
                                "in-flight: 64\n        outcomes: [" + properties.substring(rule + 1) + "]"));
    }

    private RunSummary pull(LiveStream stream, Function<Request, Answer> api) {
        return new ByHand(request -> {
                    asked.add(request);
                    return api.apply(request);
                })
                .pull(stream);
    }

    private static Map<String, String> query(Request request) {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = request.uri().getRawQuery();
        for (String each : raw == null ? new String[0] : raw.split("&")) {
            query.put(
                    each.substring(0, each.indexOf('=')),
                    URLDecoder.decode(each.substring(each.indexOf('=') + 1), StandardCharsets.UTF_8));
        }
        return query;
    }
}
