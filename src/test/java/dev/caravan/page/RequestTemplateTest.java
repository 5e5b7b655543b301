package dev.caravan.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Request;
import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTemplateTest {
    private static final URI BASE = URI.create("https://api.example.com/v1");
    private static final Window DAY =
            new Window(Instant.parse("2025-05-31T22:00:00Z"), Instant.parse("2025-06-02T22:00:00Z"));

    @Test
    void rendersAWholeRequest() {
        Request request = render("""
                path: /charges
                query: {limit: 100, "created[gte]": "${window.from}", "created[lt]": "${window.to}", "expand[]": [data.a, data.b], live: true}
                headers: {Stripe-Account: "${partition.account}", X-None: "${page.token}"}
                """, context(CursorFormat.EPOCH_SECONDS));
        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.uri())
                .hasToString("https://api.example.com/v1/charges?limit=100&created%5Bgte%5D=1748728800"
                        + "&created%5Blt%5D=1748901600&expand%5B%5D=data.a&expand%5B%5D=data.b&live=true");
        assertThat(request.headers()).containsOnly(Map.entry("Accept", "x"), Map.entry("Stripe-Account", "a/b c"));
        assertThat(request.body()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            value = {
                "${window.from} ¦ 2025-05-31T22:00:00Z",
                "${window.to} ¦ 2025-06-02T22:00:00Z",
                "${window.through} ¦ 2025-06-02T21:59:59Z",
                "${window.from|date} ¦ 2025-06-01",
                "${window.to|date} ¦ 2025-06-03",
                "${window.through|date} ¦ 2025-06-02",
                "${window.through|epoch-seconds} ¦ 1748901599",
                "${window.through|epoch-millis} ¦ 1748901599999",
                "${ window.from | iso } ¦ 2025-05-31T22:00:00Z",
                "${run.start|date} ¦ 2026-09-01",
                "${partition.account} ¦ a/b c",
                "${vars.mode} ¦ full",
                "${page.number}-${page.offset} ¦ 3-200",
                "a:>${window.from|date}..b ¦ a:>2025-06-01..b",
                "${window.before} ¦ 2025-05-31T21:59:59Z",
                "${window.before|epoch-seconds} ¦ 1748728799",
                "${window.before|epoch-millis} ¦ 1748728799999",
                "${window.before|date} ¦ 2025-05-31",
                "${window.from|yyyy-MM-dd HH:mm:ss} ¦ 2025-06-01 00:00:00",
                "${window.through|yyyy-MM-dd HH:mm:ss.SSSSSS} ¦ 2025-06-02 23:59:59.999999",
                "${window.before|yyyy-MM-dd} ¦ 2025-05-31",
                "${window.before|yyyy-MM-dd'T'HH:mm} ¦ 2025-05-31T23:59",
                "${window.through|iso-millis} ¦ 2025-06-02T21:59:59.999Z",
                "${window.from|epoch-decimal} ¦ 1748728800.000000",
                "${window.before|epoch-decimal} ¦ 1748728799.999999",
                "${window.from-1d|date} ¦ 2025-05-31",
                "${window.to + 2h} ¦ 2025-06-03T00:00:00Z",
                "${run.started-90d|date} ¦ 2026-06-03",
                "${now|epoch-seconds} ¦ 1788242400",
                "${now-1h} ¦ 2026-09-01T05:00:00Z",
                "$${window.from} $x { } ¦ ${window.from} $x { }"
            })
    void rendersExpressions(String template, String expected) {
        RenderContext context = context(CursorFormat.ISO).at(new Position(3, 200, null));
        assertThat(Template.parse(template).render(context)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "{query: {id: [1, 2], f: {a: 1.5, b: x}}} ¦ id=1&id=2&f%5Ba%5D=1.5&f%5Bb%5D=x",
                "{query: {id: [1, \"${page.token}\", 2]}, query-lists: comma} ¦ id=1%2C2",
                "{query: {id: [\"${page.token}\"], n: 1}, query-lists: comma} ¦ n=1",
                "{query: {id: [1, 2]}, query-lists: brackets} ¦ id%5B%5D=1&id%5B%5D=2",
                "{query: {f: [{field: t, op: GT, value: \"${window.before|epoch-seconds|number}\", no: \"${page.token}\"}], n: 5}, query-lists: json}"
                        + " ¦ f=%5B%7B%22field%22%3A%22t%22%2C%22op%22%3A%22GT%22%2C%22value%22%3A1748728799%7D%5D&n=5",
                "{query: {f: {rate: 1.5, big: 12345678901234567890}}, query-lists: json}"
                        + " ¦ f=%7B%22rate%22%3A1.5%2C%22big%22%3A12345678901234567890%7D"
            })
    void writesListsAndMapsInAQueryAsTheVendorWantsThem(String settings, String query) {
        assertThat(render(settings, context(CursorFormat.ISO)).uri().getRawQuery())
                .isEqualTo(query);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "{form: {grant: x, \"ids[]\": [1, 2], since: \"${window.from}\", none: \"${page.token}\"}}"
                        + " ¦ application/x-www-form-urlencoded ¦ grant=x&ids%5B%5D=1&ids%5B%5D=2&since=2025-05-31T22%3A00%3A00Z",
                "{body: \"SELECT * FROM x WHERE d >= '${window.from|date}'\"} ¦ text/plain; charset=utf-8 ¦ SELECT * FROM x WHERE d >= '2025-06-01'",
                "{body: \"<q a='${partition.account}'>${page.number}</q>\"} ¦ application/xml ¦ <q a='a/b c'>1</q>",
                "{body: \"a,b\", headers: {Content-Type: text/csv}} ¦ text/csv ¦ a,b",
                "{graphql: \"query($n: Int) { x(first: $n) { id } }\"} ¦ application/json ¦ {\"query\":\"query($n: Int) { x(first: $n) { id } }\"}",
                "{graphql: {query: \"query Q { x }\", operation: Q, variables: {n: 5, p: \"${page.number}\", s: \"${page.token}\", t: \"${window.from|epoch-seconds|number}\"}}}"
                        + " ¦ application/json ¦ {\"query\":\"query Q { x }\",\"variables\":{\"n\":5,\"p\":1,\"t\":1748728800},\"operationName\":\"Q\"}"
            })
    void sendsBodiesWithTheirType(String settings, String type, String body) {
        Request request = render(settings, context(CursorFormat.ISO));
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.headers()).containsEntry("Content-Type", type);
        assertThat(new String(Objects.requireNonNull(request.body()), UTF_8)).isEqualTo(body);
    }

    @Test
    void escapesValuesInXml() {
        RenderContext context = new RenderContext(
                null,
                CursorFormat.ISO,
                ZoneId.of("UTC"),
                new Partition(Map.of("name", "<a & \"b\">")),
                Position.START,
                Map.of(),
                Instant.EPOCH);
        Request request = render("body: \"<q>${partition.name}</q>\"", context);
        assertThat(new String(Objects.requireNonNull(request.body()), UTF_8))
                .isEqualTo("<q>&lt;a &amp; &quot;b&quot;&gt;</q>");
    }

    @Test
    void usesWhatIsKnownOfTheAccountTheCursorAndTheAnswerBefore() {
        RenderContext context = context(CursorFormat.ISO)
                .with(Map.of(
                        "connection.name", "north", "connection.org", "n", "cursor.name", "updated", "run.id", "r1"))
                .at(new Position(2, 10, "t", Map.of("$.session", "s1"), null, null));
        RequestTemplate template = template(
                "query: {a: \"${connection.name}/${connection.org}\", c: \"${cursor.name}\", s: \"${answer.$.session}\", r: \"${run.id}\"}");
        assertThat(template.answers()).containsOnly("$.session");
        assertThat(template.render(BASE, Map.of(), context).uri().getRawQuery())
                .isEqualTo("a=north%2Fn&c=updated&s=s1&r=r1");
        Known all = new Known(List.of(), List.of(), Set.of("name", "org"), Set.of("cursor", "answer"));
        template.check(all);
        assertThatThrownBy(() ->
                        template.check(new Known(List.of(), List.of(), Set.of("name"), Set.of("cursor", "answer"))))
                .hasMessage("${connection.org} does not exist, the account has name");
        assertThatThrownBy(
                        () -> template.check(new Known(List.of(), List.of(), Set.of("name", "org"), Set.of("answer"))))
                .hasMessage("${cursor.name} has no value here, give the cursor a 'name'");
        assertThatThrownBy(() -> template("path: \"/x/${job.id}\"").check(all))
                .hasMessage("${job.id} has no value here, it is for 'poll' and 'result' of a 'job'");
    }

    @Test
    void throughOfADateIsTheLastDay() {
        assertThat(Template.parse("${window.through}").render(context(CursorFormat.DATE)))
                .contains("2025-06-02");
    }

    @Test
    void anExpressionWithoutValueLeavesItsPlaceOut() {
        RenderContext bare = new RenderContext(
                null, CursorFormat.ISO, ZoneId.of("UTC"), Partition.WHOLE, Position.START, Map.of(), Instant.EPOCH);
        Request request = render("query: {since: \"${window.from}\", q: \"a ${page.token}\", n: 1}", bare);
        assertThat(request.uri()).hasToString("https://api.example.com/v1?n=1");
        assertThatThrownBy(() -> render("path: /x/${page.token}", bare))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path: '/x/${page.token}' has an expression without value");
    }

    @Test
    void aValueStaysInItsSegment() {
        RenderContext context = context(CursorFormat.ISO);
        assertThat(render("path: \"/repos/${partition.account}/x:y\"", context).uri())
                .hasToString("https://api.example.com/v1/repos/a%2Fb%20c/x:y");
        assertThat(render("path: \"repos/${partition.account|path}/\"", context).uri())
                .hasToString("https://api.example.com/v1/repos/a/b%20c/");
        assertThat(render("path: \"/q/${partition.odd}\"", context).uri())
                .hasToString("https://api.example.com/v1/q/%3Fa%3D1%23%25%26%C3%BC%5C");
        for (String up : List.of("${partition.up}", "${partition.ups|path}")) {
            assertThatThrownBy(() -> render("path: \"/x/" + up + "\"", context))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("may not be '..'");
        }
    }

    @Test
    void aStreamMayHaveAnAddressOfItsOwn() {
        assertThat(render(
                                "{url: \"https://archive.example.com/v2/?key=1\", path: /a, query: {b: 2}}",
                                context(CursorFormat.ISO))
                        .uri())
                .hasToString("https://archive.example.com/v2/a?key=1&b=2");
    }

    @Test
    void aMapBecomesJson() {
        Request request = render("""
                body:
                  filters: [{op: GTE, value: "${window.from|epoch-millis}"}, {n: "${window.from|epoch-millis|number}"}]
                  after: "${page.token}"
                  page: "${page.number}"
                  price: 1.10
                  none: ~
                  text: "a\\"${partition.account}"
                """, context(CursorFormat.ISO));
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.headers()).containsEntry("Content-Type", "application/json");
        assertThat(body(request))
                .isEqualTo("{\"filters\":[{\"op\":\"GTE\",\"value\":\"1748728800000\"},{\"n\":1748728800000}],"
                        + "\"page\":1,\"price\":1.1,\"none\":null,\"text\":\"a\\\"a/b c\"}");
    }

    @Test
    void aTextIsSentAsItIs() {
        Request json = render(
                "{method: post, body: '{\"q\": \"query($o: String!) { a }\", \"v\": \"${partition.odd}\", \"c\": \"${page.token}\"}'}",
                context(CursorFormat.ISO));
        assertThat(body(json)).isEqualTo("{\"q\": \"query($o: String!) { a }\", \"v\": \"?a=1#%&ü\\\\\", \"c\": \"\"}");
        assertThat(json.headers()).containsEntry("Content-Type", "application/json");
        Request form = render(
                "{headers: {content-type: application/x-www-form-urlencoded}, body: \"a=${vars.mode}\"}",
                context(CursorFormat.ISO));
        assertThat(body(form)).isEqualTo("a=full");
        assertThat(form.headers()).containsEntry("content-type", "application/x-www-form-urlencoded");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`${window.until}`",
                "`${windows.from}`",
                "`${partition}`",
                "`${partition.}`",
                "`${}`",
                "`${job.name}`",
                "`${window.from.x}`"
            })
    void unknownExpressionsNameThoseThatExist(String template) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unknown expression " + template
                        + ", use one of window.from, window.to, window.through, window.before, page.number, page.offset,"
                        + " page.token, run.started, run.id, now, partition.<field>, vars.<name>,"
                        + " connection.<name or tag>, cursor.name, answer.<path>, job.id, record.<path>");
    }

    @ParameterizedTest
    @CsvSource({
        "exports/orders_20260331.csv, 2026-03-31",
        "2026-02-28/orders.csv, 2026-02-28",
        "orders-2026-0331.csv, 2026-03-31",
        "12345678/20260230-20260301.csv, 2026-03-01",
        "a20240229b20240301, 2024-02-29",
        "120260331.csv, ''",
        "orders.csv, ''",
        "'', ''"
    })
    void theDayOfAValueIsTheFirstThatItNames(String key, String day) {
        RenderContext context = context(CursorFormat.ISO).with(Map.of("record.key", key));
        assertThat(Template.parse("${record.key|day}").render(context))
                .isEqualTo(day.isEmpty() ? Optional.empty() : Optional.of(day));
    }

    @Test
    void apostrophesAreWrittenTwiceWhereThatIsAskedFor() {
        RenderContext context = context(CursorFormat.ISO).with(Map.of("record.title", "Zoë's 'new' tab"));
        assertThat(Template.parse("'${record.title|doubled}'!A1").render(context))
                .contains("'Zoë''s ''new'' tab'!A1");
        Request request = render("{path: \"/values/'${record.title|doubled}'\"}", context);
        assertThat(request.uri().getPath()).endsWith("/values/'Zoë''s ''new'' tab'");
    }

    @Test
    void wrongExpressionsSayWhatWouldBeRight() {
        assertThatThrownBy(() -> Template.parse("${window.from|unix}"))
                .hasMessageStartingWith(
                        "${window.from|unix}: Unknown format 'unix', use one of iso, iso-millis, date, ");
        assertThatThrownBy(() -> Template.parse("${page.token|date}"))
                .hasMessage("${page.token|date}: '|date' does not fit, this takes |path, |number, |day and |doubled");
        assertThatThrownBy(() -> Template.parse("a ${window.from"))
                .hasMessage("'a ${window.from' opens an expression and does not close it, write ${window.from}");
    }

    @Test
    void whatWillHaveNoValueIsFoundAtLoading() {
        RequestTemplate template =
                template("{path: \"/${partition.repo}\", body: {a: [\"${vars.mode}\"]}, method: POST}");
        template.check(new Known(List.of("owner", "repo"), List.of("mode")));
        assertThatThrownBy(() -> template.check(new Known(List.of("owner", "account"), List.of("mode"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("${partition.repo} does not exist, partitions have account, owner");
        assertThatThrownBy(() -> template.check(new Known(List.of(), List.of("mode"))))
                .hasMessage("${partition.repo}: the stream has no partitions");
        assertThatThrownBy(() -> template.check(new Known(List.of("repo"), List.of())))
                .hasMessage("${vars.mode} is not given, add --var mode=value");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{path: \"/a?b=1\"} | path: '/a?b=1' holds a query, write its parameters under query",
                "{method: FETCH} | method: 'FETCH' is not one of GET, POST, PUT, PATCH, HEAD",
                "{method: GET, body: x} | method: GET has no body, write method: POST",
                "{query: {a: ~}} | query: 'a' is not a text, a number, true, false or a list of them; 'query-lists: json' takes more and writes it as JSON text",
                "{query: {a: [[1]]}} | query: 'a' is not a text, a number, true, false or a list of them; 'query-lists: json' takes more and writes it as JSON text",
                "{form: {a: [{b: 1}]}} | form: 'a' is not a text, a number, true, false or a list of them; 'query-lists: json' takes more and writes it as JSON text",
                "{form: {a: 1}, body: {b: 1}} | form: a request has one body, leave out 'body' (body: ~) or 'form'",
                "{method: GET, form: {a: 1}} | method: GET has no body, write method: POST",
                "{graphql: {variables: {a: 1}}} | graphql needs a 'query'",
                "{graphql: 'query { a }', body: {b: 1}} | graphql: a request has one body, leave out 'body' (body: ~), 'form' or 'graphql'",
                "{graphql: 'query { a(id: \"${partition.id}\") }'} | graphql: ${partition.id} would become part of the query, pass it as a variable: variables: {name: \"${partition.id}\"}",
                "{query-lists: pipes} | query-lists 'pipes' is not one of repeat, comma, brackets, json",
                "{query: {a: '${run.id+1d}'}} | ${run.id+1d}: a span is added to times only"
            })
    void wrongSettingsSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> template(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void anAnswerIsAskedForOnlyIfItHasChanged() {
        Request request = render("{}", context(CursorFormat.ISO));
        assertThat(Validators.ask(request, "W/\"a\"").headers()).containsEntry("If-None-Match", "W/\"a\"");
        assertThat(Validators.ask(request, null)).isEqualTo(request);
    }

    private static Request render(String yaml, RenderContext context) {
        return template(yaml).render(BASE, Map.of("Accept", "x"), context);
    }

    private static RequestTemplate template(String yaml) {
        return new RequestTemplate(YamlSettings.read(yaml, RequestSettings.class));
    }

    private static String body(Request request) {
        return new String(Objects.requireNonNull(request.body()), UTF_8);
    }

    private static RenderContext context(CursorFormat format) {
        Partition partition =
                new Partition(Map.of("account", "a/b c", "odd", "?a=1#%&ü\\", "up", "..", "ups", "a/../b"));
        return new RenderContext(
                DAY,
                format,
                ZoneId.of("Europe/Berlin"),
                partition,
                Position.START,
                Map.of("mode", "full"),
                Instant.parse("2026-09-01T06:00:00Z"));
    }
}
