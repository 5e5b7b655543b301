package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests and pages as a vendor file describes them, asked of a server through the whole route. */
@Timeout(60)
class PagingTest {
    private final Path folder;
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();

    PagingTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void asksWithAFormAndItsTokenInTheForm() throws Exception {
        api.on("/search", asked -> asked.body().contains("cursor=c%2F2") ? page(4, 5, "null") : page(1, 3, "\"c/2\""));
        assertDone(pull("""
                path: /search
                form: {kind: order, "ids[]": [7, 8], since: "${window.from|date}", none: "${answer.$.none}"}
                records: $.data
                key: id
                cursor: {field: at, format: iso}
                start: "2026-03-01"
                next: {from: body, value: $.next, to: body.cursor}
                """));
        assertThat(api.asked("/search")).extracting(Asked::method).containsOnly("POST");
        assertThat(api.asked("/search"))
                .extracting(Asked::body)
                .containsExactly(
                        "kind=order&ids%5B%5D=7&ids%5B%5D=8&since=2026-03-01",
                        "kind=order&ids%5B%5D=7&ids%5B%5D=8&since=2026-03-01&cursor=c%2F2");
        assertThat(api.asked("/search").get(0).headers().getFirst("Content-Type"))
                .isEqualTo("application/x-www-form-urlencoded");
        assertIds(1, 5);
    }

    @Test
    void asksInGraphQlAndFindsTheCursorWhereverItIs() throws Exception {
        api.on("/graphql", asked -> {
            boolean second = asked.body().contains("\"after\":\"e1\"");
            return Reply.ok(
                    "{\"data\":{\"orders\":{\"nodes\":[%s],\"pageInfo\":{\"hasNextPage\":%s,\"endCursor\":\"%s\"}}}}"
                            .formatted(second ? rows(3, 4) : rows(1, 2), !second, second ? "e2" : "e1"));
        });
        assertDone(pull("""
                path: /graphql
                graphql:
                  query: "query($first: Int, $after: String) { orders(first: $first, after: $after) { nodes { id } } }"
                  variables: {first: 2, page: "${page.number}", text: "2"}
                records: $.data.orders.nodes
                key: id
                next: {from: body, value: $..pageInfo.endCursor, to: body.variables.after, while: $..pageInfo.hasNextPage}
                """));
        assertThat(api.asked("/graphql").get(0).body())
                .contains("\"variables\":{\"first\":2,\"page\":1,\"text\":\"2\"}");
        assertThat(api.asked("/graphql").get(1).body()).contains("\"page\":2", "\"after\":\"e1\"");
        assertIds(1, 4);
    }

    @Test
    void searchesByKeysetInABody() throws Exception {
        api.on(
                "/search",
                asked -> asked.body().contains("\"value\":\"3\"")
                        ? Reply.ok("{\"results\":[%s]}".formatted(rows(4, 5)))
                        : Reply.ok("{\"results\":[%s],\"paging\":{\"next\":{}, \"after\": 1}}"
                                .formatted(rows(1, 3))
                                .replace("{}", "{\"after\":\"3\"}")));
        assertDone(pull("""
                path: /search
                body:
                  filters:
                    - {name: "${cursor.name}", operator: GT, value: "${window.before|epoch-millis}"}
                    - {name: "${cursor.name}", operator: LT, value: "${window.to|epoch-millis|number}"}
                    - {name: id, operator: GT, value: "0"}
                records: $.results
                key: id
                cursor: {field: at, name: updated, format: iso}
                start: "2026-03-01"
                next: {from: last-record, value: id, to: "body.filters[2].value", while: $.paging.next}
                """));
        assertThat(api.asked("/search").get(0).body())
                .contains("{\"name\":\"updated\",\"operator\":\"GT\",\"value\":\"1772323199999\"}")
                .contains("\"operator\":\"LT\",\"value\":1773187200000}");
        assertIds(1, 5);
    }

    /** Each is a stream: how it finds its next page, the parameter it asks with, and what it asks. */
    private static final List<List<String>> WAYS = List.of(
            List.of("{from: page-number, to: query.page, total: $.total}", "page", "1,2,3"),
            List.of("{from: page-number, to: query.page, pages: $.pages}", "page", "1,2,3"),
            List.of("{from: page-number, to: query.page, start: 0, pages: $.pages}", "page", "0,1,2"),
            List.of("{from: page-number, to: query.page, size: 3}", "page", "1,2,3"),
            List.of("{from: page-number, to: query.page}", "page", "1,2,3,4"),
            List.of("{from: offset, to: query.skip, total: $.total}", "skip", "0,3,6"),
            List.of("{from: offset, to: query.skip, size: 3}", "skip", "0,3,6"),
            List.of("{from: last-record, value: id, to: query.after, size: 3}", "after", ",3,6"),
            List.of("{from: body, value: $.link, take: query.token, to: query.token}", "token", ",t3,t6"),
            List.of("{from: header, value: X-Token, to: query.token}", "token", ",t3,t6"),
            List.of("{from: header, value: X-Url, to: url}", "token", ",t3,t6"),
            List.of("{from: next-url, value: $.link}", "token", ",t3,t6"),
            List.of("{from: link-header}", "token", ",t3,t6"));

    @Test
    void readsAllPagesAndNoMoreHoweverTheNextOneIsFound() throws Exception {
        String[] streams = new String[WAYS.size()];
        for (int i = 0; i < streams.length; i++) {
            int base = WAYS.get(i).get(0).contains("start: 0") ? 0 : 1;
            api.on("/items/" + i, each -> items(each, base));
            streams[i] =
                    Workshop.stream("way-" + i, """
                    path: /items/%d
                    query: {limit: 3}
                    records: $.data
                    key: id
                    next: %s
                    """.formatted(i, WAYS.get(i).get(0)));
        }
        try (LoadedRoutes routes = load(streams)) {
            String[] ids = IntStream.range(0, streams.length)
                    .mapToObj(i -> "acme-way-" + i)
                    .toArray(String[]::new);
            routes.pull(ids).forEach(PagingTest::assertDone);
        }
        for (int i = 0; i < streams.length; i++) {
            List<String> way = WAYS.get(i);
            assertThat(api.asked("/items/" + i).stream().map(each -> each.query(way.get(1))))
                    .as(way.get(0))
                    .containsExactly(way.get(2).split(",", -1));
            assertThat(workshop.ids("acme/way-" + i)).as(way.get(0)).isEqualTo(ids(1, 8));
        }
    }

    /** Eight items, three on a page, found by any way of paging; {@code base} is the number of the first page. */
    private static Reply items(Asked asked, int base) {
        String page = asked.query("page");
        String token = asked.query("token").replace("t", "") + asked.query("skip") + asked.query("after");
        int before =
                !page.isEmpty() ? 3 * (Integer.parseInt(page) - base) : token.isEmpty() ? 0 : Integer.parseInt(token);
        int last = Math.min(before + 3, 8);
        String link = last < 8 ? asked.path() + "?limit=3&token=t" + last : "";
        Reply reply = Reply.ok(
                "{\"data\":[%s],\"total\":8,\"pages\":3,\"link\":\"%s\"}".formatted(rows(before + 1, last), link));
        return link.isEmpty()
                ? reply
                : reply.header("X-Token", "t" + last)
                        .header("X-Url", link)
                        .header("Link", "<" + link + ">; rel=\"next\"");
    }

    @Test
    void asksWithWhatTheAnswerBeforeSaid() throws Exception {
        api.on(
                "/scroll",
                asked -> Reply.ok("{\"data\":[%s],\"next\":%s,\"session\":{\"id\":\"s%d\"}}"
                        .formatted(
                                asked.query("cursor").isEmpty() ? rows(1, 2) : rows(3, 3),
                                asked.query("cursor").isEmpty() ? "\"n\"" : "null",
                                asked.before())));
        assertDone(pull("""
                path: /scroll
                query: {session: "${answer.$.session.id}", at: "${now|epoch-seconds}", since: "${run.started-1d|date}"}
                records: $.data
                key: id
                next: {from: body, value: $.next, to: query.cursor}
                """));
        assertThat(api.asked("/scroll").stream().map(each -> each.query("session")))
                .containsExactly("", "s0");
        assertThat(api.asked("/scroll").get(0).query())
                .containsEntry("since", "2026-03-10")
                .containsEntry("at", "1773187200");
        assertIds(1, 3);
    }

    @Test
    void pullsInHalvesWhatTheVendorCutsShort() throws Exception {
        // Five rows a day, and never more than twenty of them, two pages of ten.
        api.on("/cap", asked -> days(asked, 20));
        api.on("/flag", asked -> days(asked, 20));
        api.on(
                "/outcome",
                asked -> asked.query("to").compareTo("2026-03-06") > 0
                                && asked.query("from").compareTo("2026-03-04") < 0
                        ? Reply.status(400).json("{\"error\":{\"code\":9,\"message\":\"too much\"}}")
                        : days(asked, 1000));
        String properties = """
                path: /%s
                query: {from: "${window.from|date}", to: "${window.to|date}"}
                records: $.data
                key: id
                cursor: {field: at, format: date}
                next: {from: body, value: $.next, to: query.page}
                start: "2026-03-01"
                %s
                """;
        try (LoadedRoutes routes = load(
                Workshop.stream("cap", properties.formatted("cap", "cap: 20")),
                Workshop.stream("flag", properties.formatted("flag", "truncated: $.incomplete")),
                Workshop.stream(
                        "outcome",
                        properties.formatted("outcome", "outcomes: [{body: {$.error.code: 9}, then: split-slice}]")))) {
            routes.pull("acme-cap", "acme-flag", "acme-outcome").forEach(PagingTest::assertDone);
        }
        for (String each : List.of("cap", "flag", "outcome")) {
            assertThat(workshop.ids("acme/" + each)).as(each).isEqualTo(ids(0, 49));
        }
        assertThat(api.asked("/outcome").stream().map(each -> each.query("from") + ".." + each.query("to")))
                .containsExactly(
                        "2026-03-01..2026-03-11",
                        "2026-03-01..2026-03-06",
                        "2026-03-01..2026-03-06",
                        "2026-03-01..2026-03-06",
                        "2026-03-06..2026-03-11",
                        "2026-03-06..2026-03-11",
                        "2026-03-06..2026-03-11");
    }

    @Test
    void failsWhereWhatIsCutShortCannotBeDivided() throws Exception {
        api.on("/items", asked -> Reply.ok("{\"data\":[%s],\"incomplete\":true}".formatted(rows(1, 3))));
        RunSummary summary = pull("""
                path: /items
                records: $.data
                key: id
                truncated: $.incomplete
                """);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("acme-items all: truncated: the vendor says at $.incomplete that it was cut short")
                .contains("cannot be split; set a smaller 'window'");
        assertThat(workshop.ids("acme/items")).isEmpty();
    }

    @Test
    void asksForSmallerPagesWhereTheVendorSaysSo() throws Exception {
        api.on("/items", asked -> {
            int limit = Integer.parseInt(asked.query("limit"));
            int skip = asked.query("skip").isEmpty() ? 0 : Integer.parseInt(asked.query("skip"));
            return limit > 3 && skip > 0
                    ? Reply.status(500).json("{\"error\":{\"message\":\"reduce the amount of data\"}}")
                    : Reply.ok("{\"data\":[%s]}".formatted(rows(skip + 1, Math.min(skip + limit, 20))));
        });
        String properties = """
                path: /items
                query: {limit: 8}
                records: $.data
                key: id
                next: {from: offset, to: query.skip, size: 8}
                outcomes: [{body: {$.error.message: "*reduce the amount*"}, then: shrink-page}]
                shrink: {value: query.limit, least: %d}
                """;
        assertDone(pull(properties.formatted(2)));
        assertIds(1, 20);
        assertThat(api.asked("/items").stream().map(each -> each.query("limit") + "@" + each.query("skip")))
                .containsExactly("8@0", "8@8", "4@8", "2@8", "2@10", "2@12", "2@14", "2@16", "2@18", "2@20");
    }

    /** Five rows a day from the first of March, ten on a page, and no more than {@code most} of a slice. */
    private static Reply days(Asked asked, int most) {
        int from = 5 * (Integer.parseInt(asked.query("from").substring(8)) - 1);
        int to = 5 * (Integer.parseInt(asked.query("to").substring(8)) - 1);
        int first = from + (asked.query("page").isEmpty() ? 0 : 10 * Integer.parseInt(asked.query("page")));
        int last = Math.min(Math.min(to, from + most), first + 10);
        boolean more = last < Math.min(to, from + most);
        String rows = IntStream.range(first, last)
                .mapToObj(id -> "{\"id\":%d,\"at\":\"2026-03-%02d\"}".formatted(id, 1 + id / 5))
                .collect(Collectors.joining(","));
        return Reply.ok("{\"data\":[%s],\"next\":%s,\"incomplete\":%s}"
                .formatted(rows, more ? "\"" + ((first - from) / 10 + 1) + "\"" : "null", to - from > most));
    }

    private RunSummary pull(String properties) throws Exception {
        try (LoadedRoutes routes = load(Workshop.stream("items", properties))) {
            return routes.pull("acme-items").get(0);
        }
    }

    private LoadedRoutes load(String... parts) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), parts));
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    private static void assertDone(RunSummary summary) {
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
    }

    private void assertIds(long first, long last) {
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(first, last));
    }

    private static List<Long> ids(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static Reply page(int first, int last, String next) {
        return Reply.ok("{\"data\":[%s],\"next\":%s}".formatted(rows(first, last), next));
    }

    private static String rows(int first, int last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(id -> "{\"id\":%d,\"at\":\"2026-03-0%dT00:00:00Z\"}".formatted(id, 1 + id % 9))
                .collect(Collectors.joining(","));
    }
}
