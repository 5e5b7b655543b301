package dev.caravan.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Answer;
import dev.caravan.connection.ForeignOriginException;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.testkit.YamlSettings;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PaginationTest {
    private static final Request FIRST =
            new Request("GET", URI.create("https://api.example.com/v1/x?limit=2&page=1"), Map.of(), null);
    private static final Answer PLAIN = answer(Map.of());

    @Test
    void aSinglePageHasNoNext() {
        Pagination pagination = pagination("{}");
        assertThat(pagination.after(pagination.first(), PLAIN, content(5))).isEmpty();
        assertThat(pagination.turn(FIRST, Position.START)).isEqualTo(FIRST);
        assertThat(pagination.captures()).isEmpty();
    }

    @Test
    void asksWithTheLastRecord() {
        Pagination pagination =
                pagination("{from: last-record, value: id, to: query.starting_after, while: $.has_more}");
        assertThat(pagination.lastPaths()).containsOnly("id");
        assertThat(pagination.captures()).containsOnly("$.has_more");
        Position next = pagination
                .after(Position.START, PLAIN, new PageContent(2, Map.of("$.has_more", "true"), Map.of("id", "ch:2&")))
                .orElseThrow();
        assertThat(next).isEqualTo(new Position(2, 2, "ch:2&"));
        assertThat(pagination.turn(FIRST, next).uri())
                .hasToString("https://api.example.com/v1/x?limit=2&page=1&starting_after=ch%3A2%26");
        assertThat(pagination.after(
                        next, PLAIN, new PageContent(2, Map.of("$.has_more", "false"), Map.of("id", "ch_3"))))
                .isEmpty();
        assertThat(pagination.after(next, PLAIN, new PageContent(0, Map.of("$.has_more", "true"), Map.of())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "0", "", " ", "[]", "{}"})
    void endsWhenTheAnswerSaysSo(String more) {
        Pagination pagination = pagination("{from: body, value: $.c, to: query.c, while: $.m}");
        assertThat(pagination.after(
                        Position.START, PLAIN, new PageContent(1, Map.of("$.c", "x", "$.m", more), Map.of())))
                .isEmpty();
        assertThat(pagination.after(Position.START, PLAIN, new PageContent(1, Map.of("$.c", "x"), Map.of())))
                .isEmpty();
        assertThat(pagination.after(
                        Position.START, PLAIN, new PageContent(1, Map.of("$.c", "x", "$.m", "y"), Map.of())))
                .isPresent();
    }

    @Test
    void anEmptyPageWithATokenGoesOn() {
        Pagination pagination = pagination("{from: body, value: $.next, to: query.cursor}");
        assertThat(pagination.after(Position.START, PLAIN, new PageContent(0, Map.of("$.next", "t"), Map.of())))
                .contains(new Position(2, 0, "t"));
        assertThat(pagination.after(Position.START, PLAIN, new PageContent(9, Map.of("$.next", ""), Map.of())))
                .isEmpty();
        assertThat(pagination.after(Position.START, PLAIN, content(9))).isEmpty();
    }

    @Test
    void aTokenMayComeFromAHeaderAndGoToOne() {
        Pagination pagination = pagination("{from: header, value: X-Next, to: header.X-Cursor}");
        Position next = pagination
                .after(Position.START, answer(Map.of("x-next", List.of("abc"))), content(1))
                .orElseThrow();
        assertThat(pagination.turn(FIRST, next).headers()).containsExactly(Map.entry("X-Cursor", "abc"));
        assertThat(pagination.after(next, PLAIN, content(1))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "body.after | {\"q\":1.10} | {\"q\":1.10,\"after\":\"t\"}",
                "body.variables.after | {\"variables\":{\"after\":null,\"x\":1}} | {\"variables\":{\"after\":\"t\",\"x\":1}}",
                "body.a.b | {} | {\"a\":{\"b\":\"t\"}}",
                "body.f[0].v[1].w | {\"f\":[{\"v\":[0,{\"w\":9}]}]} | {\"f\":[{\"v\":[0,{\"w\":\"t\"}]}]}"
            })
    void aTokenMayGoToTheBody(String to, String body, String expected) {
        Pagination pagination = pagination("{from: body, value: $.next, to: '" + to + "'}");
        Request request = pagination.turn(FIRST.withBody(body.getBytes(UTF_8)), new Position(2, 0, "t"));
        assertThat(new String(Objects.requireNonNull(request.body()), UTF_8)).isEqualTo(expected);
    }

    @Test
    void aNumberGoesToTheBodyAsANumber() {
        Pagination pagination = pagination("{from: page-number, to: body.page}");
        Request request = pagination.turn(FIRST, new Position(4, 0, null));
        assertThat(new String(Objects.requireNonNull(request.body()), UTF_8)).isEqualTo("{\"page\":4}");
    }

    @Test
    void countsPages() {
        Pagination pagination = pagination("{from: page-number, to: query.page, size: 2}");
        assertThat(pagination.first()).isEqualTo(Position.START);
        assertThat(pagination.turn(FIRST, new Position(7, 12, null)).uri())
                .hasToString("https://api.example.com/v1/x?limit=2&page=7");
        assertThat(pagination.after(Position.START, PLAIN, content(2))).contains(new Position(2, 2, null));
        assertThat(pagination.after(Position.START, PLAIN, content(1))).isEmpty();
        assertThat(pagination.after(Position.START, PLAIN, content(0))).isEmpty();
        assertThat(pagination("{from: page-number, start: 0}").first()).isEqualTo(new Position(0, 0, null));
        assertThat(pagination("{from: page-number}").after(Position.START, PLAIN, content(1)))
                .isPresent();
    }

    @Test
    void countsRecords() {
        Pagination pagination = pagination("{from: offset, to: query.skip, start: 1}");
        assertThat(pagination.first()).isEqualTo(new Position(1, 1, null));
        Position next = pagination.after(pagination.first(), PLAIN, content(3)).orElseThrow();
        assertThat(next).isEqualTo(new Position(2, 4, null));
        assertThat(pagination.turn(FIRST, next).uri())
                .hasToString("https://api.example.com/v1/x?limit=2&page=1&skip=4");
        assertThat(pagination.after(next, PLAIN, content(0))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "page-number, 1, 3, true", "page-number, 2, 3, true", "page-number, 3, 3, false", "page-number, 4, 3, false",
        "page-number, 3, soon, true", "offset, 1, 5, true", "offset, 1, 4, false", "offset, 1, 3, false"
    })
    void stopsWhereTheAnswerSaysItEnds(String from, int number, String stop, boolean more) {
        Pagination pagination = pagination("{from: " + from + ", stop: $.total}");
        assertThat(pagination.captures()).containsOnly("$.total");
        Optional<Position> next = pagination.after(
                new Position(number, 2, null), PLAIN, new PageContent(2, Map.of("$.total", stop), Map.of()));
        assertThat(next.isPresent()).isEqualTo(more);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // what is known, page asked, records read before it, records on it, more
                "total: $.n | 250 | 1 | 0 | 100 | true",
                "total: $.n | 250 | 3 | 200 | 50 | false",
                "total: $.n | 250 | 2 | 100 | 90 | true", // a short page is not the end where the count says more
                "total: $.n | 250 | 4 | 240 | 0 | false", // rows vanished
                "total: $.n | 200 | 2 | 100 | 100 | false",
                "pages: $.n | 3 | 2 | 100 | 0 | true",
                "pages: $.n | 3 | 3 | 100 | 100 | false",
                "stop: $.n | 3 | 2 | 100 | 7 | true",
                "total: $.n | soon | 2 | 100 | 90 | false",
                "while: $.n | true | 2 | 100 | 0 | true",
                "while: $.n | false | 2 | 100 | 100 | false"
            })
    void endsNumberedPagesWhereTheAnswerSays(
            String known, String value, int number, long before, int records, boolean more) {
        Pagination pagination = pagination("{from: page-number, to: query.page, size: 100, %s}".formatted(known));
        Optional<Position> next = pagination.after(
                new Position(number, before, null), PLAIN, new PageContent(records, Map.of("$.n", value), Map.of()));
        assertThat(next).isEqualTo(more ? Optional.of(new Position(number + 1, before + records, null)) : next);
        assertThat(next.isPresent()).isEqualTo(more);
    }

    @Test
    void countsPagesFromWhereTheyBegin() {
        Pagination zero = pagination("{from: page-number, start: 0, pages: $.n}");
        PageContent three = new PageContent(10, Map.of("$.n", "3"), Map.of());
        assertThat(zero.after(new Position(1, 10, null), PLAIN, three)).contains(new Position(2, 20, null));
        assertThat(zero.after(new Position(2, 20, null), PLAIN, three)).isEmpty();
    }

    @Test
    void passesAnEmptyPageOfOffsetsWhereTheAnswerSaysThatMoreFollows() {
        Pagination pagination = pagination("{from: offset, size: 50, while: $.more}");
        PageContent empty = new PageContent(0, Map.of("$.more", "true"), Map.of());
        assertThat(pagination.after(new Position(3, 100, null), PLAIN, empty)).contains(new Position(4, 150, null));
        assertThat(pagination("{from: offset, while: $.more}").after(new Position(3, 100, null), PLAIN, empty))
                .isEmpty();
    }

    @Test
    void tellsFullPagesAheadUpToTheLast() {
        Pagination pagination = pagination("{from: page-number, size: 100, total: $.n, parallel: 4}");
        PageContent content = new PageContent(100, Map.of("$.n", "250"), Map.of());
        Position second = pagination.ahead(Position.START, content).orElseThrow();
        assertThat(second).isEqualTo(new Position(2, 100, null));
        Position third = pagination.ahead(second, content).orElseThrow();
        assertThat(third).isEqualTo(new Position(3, 200, null));
        assertThat(pagination.ahead(third, content)).isEmpty();
        assertThat(pagination("{from: offset, size: 100, overlap: 5}").ahead(new Position(1, 0, null), content(100)))
                .contains(new Position(2, 95, null));
        assertThat(pagination("{from: offset}").ahead(Position.START, content(1)))
                .isEmpty();
        assertThat(pagination("{from: link-header}").ahead(Position.START, content(1)))
                .isEmpty();
    }

    @Test
    void takesOneParameterOfAnAddress() {
        Pagination pagination =
                pagination("{from: body, value: $.links.next, take: query.page_cursor, to: body.data.cursor}");
        Position next = pagination
                .after(
                        Position.START,
                        PLAIN,
                        new PageContent(
                                1,
                                Map.of("$.links.next", "https://elsewhere.example/x?a=1&page_cursor=b%2Fc%3D"),
                                Map.of()))
                .orElseThrow();
        assertThat(next.token()).isEqualTo("b/c=");
        Request request = pagination.turn(FIRST.withBody("{}".getBytes(UTF_8)), next);
        assertThat(new String(Objects.requireNonNull(request.body()), UTF_8))
                .isEqualTo("{\"data\":{\"cursor\":\"b/c=\"}}");
        assertThat(request.uri()).isEqualTo(FIRST.uri());
        assertThat(pagination.after(Position.START, PLAIN, content(1))).isEmpty();
        assertThatThrownBy(() -> pagination.after(
                        Position.START,
                        PLAIN,
                        new PageContent(1, Map.of("$.links.next", "https://a.example/?b=1"), Map.of())))
                .hasMessage("The next page's address has no parameter 'page_cursor' to take");
        Pagination links = pagination("{from: link-header, take: query.after, to: query.since}");
        assertThat(links.after(Position.START, answer(Map.of("link", List.of("</x?after=7>; rel=next"))), content(1))
                        .map(Position::token))
                .contains("7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{from: header, value: X-Next, to: url}",
                "{from: body, value: $.n, to: url}",
                "{from: last-record, value: self, to: url}"
            })
    void aTokenMayReplaceTheAddress(String settings) {
        Pagination pagination = pagination(settings);
        Position next = pagination
                .after(
                        Position.START,
                        answer(Map.of("x-next", List.of("/v1/y?page=2"))),
                        new PageContent(1, Map.of("$.n", "/v1/y?page=2"), Map.of("self", "/v1/y?page=2")))
                .orElseThrow();
        assertThat(pagination.turn(FIRST, next).uri()).hasToString("https://api.example.com/v1/y?page=2");
        assertThatThrownBy(() -> pagination.after(
                        Position.START,
                        answer(Map.of("x-next", List.of("//evil.com/"))),
                        new PageContent(1, Map.of("$.n", "//evil.com/"), Map.of("self", "//evil.com/"))))
                .isInstanceOf(ForeignOriginException.class);
    }

    @Test
    void aTokenMayBeASegmentOfThePathOrAFieldOfAForm() {
        Pagination path = pagination("{from: body, value: $.n, to: path}");
        assertThat(path.turn(FIRST, new Position(2, 0, "a/b c")).uri())
                .hasToString("https://api.example.com/v1/x/a%2Fb%20c?limit=2&page=1");
        assertThatThrownBy(() -> path.turn(FIRST, new Position(2, 0, "..")))
                .hasMessage("next: the token '..' is no segment of a path");
        Request form = FIRST.withHeader("content-type", "application/x-www-form-urlencoded")
                .withBody("a=1&cursor=old".getBytes(UTF_8));
        Request next = pagination("{from: body, value: $.n, to: body.cursor}").turn(form, new Position(2, 0, "x&y"));
        assertThat(new String(Objects.requireNonNull(next.body()), UTF_8)).isEqualTo("a=1&cursor=x%26y");
    }

    @Test
    void aKeysetMayEndWithAShortPage() {
        Pagination pagination = pagination("{from: last-record, value: id, to: query.after, size: 2}");
        PageContent full = new PageContent(2, Map.of(), Map.of("id", "5"));
        assertThat(pagination.after(Position.START, PLAIN, full)).contains(new Position(2, 2, "5"));
        assertThat(pagination.after(Position.START, PLAIN, new PageContent(1, Map.of(), Map.of("id", "5"))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<https://api.example.com/r/1?page=2>; rel=\"next\", <https://api.example.com/r/1?page=5>; rel=\"last\" | https://api.example.com/r/1?page=2",
                "<https://api.example.com/?a=1,2;3&b=\"x\">; rel=\"next\" | https://api.example.com/?a=1,2;3&b=\"x\"",
                "<https://api.example.com/p>; rel=prev, <https://api.example.com/n>; rel=next | https://api.example.com/n",
                "<https://api.example.com/p>; title=\"rel=\\\"next\\\", <x>\"; rel=prev,<https://api.example.com/n>;REL=\"Prefetch NEXT\" | https://api.example.com/n",
                "<https://api.example.com/n> ; rel = \"next\" ; foo | https://api.example.com/n",
                "</n?page=2>; rel=next | /n?page=2",
                "<https://api.example.com/p>; rel=\"prev\" |",
                "<https://api.example.com/p>; rel=\"nextish\" |",
                "<https://api.example.com/p> |",
                "garbage; rel=next |",
                "<>; rel=next |"
            })
    void readsLinkHeaders(String header, String expected) {
        Pagination pagination = pagination("{from: link-header}");
        assertThat(pagination
                        .after(Position.START, answer(Map.of("Link", List.of(header))), content(1))
                        .map(Position::token))
                .isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void severalLinkHeadersAreOneList() {
        Answer answer = answer(Map.of(
                "link", List.of("<https://api.example.com/p>; rel=prev", "<https://api.example.com/n>; rel=more")));
        assertThat(pagination("{from: link-header, value: more}")
                        .after(Position.START, answer, content(0))
                        .map(Position::token))
                .contains("https://api.example.com/n");
        assertThat(pagination("{from: link-header}").after(Position.START, PLAIN, content(1)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/repositories/1?page=2&q=a|b, https://api.example.com/repositories/1?page=2&q=a%7Cb",
        "https://files.example.com/p/2, https://files.example.com/p/2",
        "/v1/x?page=2, https://api.example.com/v1/x?page=2",
        "?page=2, https://api.example.com/v1/x?page=2"
    })
    void aNextAddressReplacesTheWholeRequest(String address, String expected) {
        Pagination pagination = pagination("{from: next-url, value: $.links.next}");
        Position next = pagination
                .after(Position.START, PLAIN, new PageContent(0, Map.of("$.links.next", address), Map.of()))
                .orElseThrow();
        assertThat(pagination.turn(FIRST, next).uri()).hasToString(expected);
        assertThat(pagination.turn(FIRST, Position.START)).isEqualTo(FIRST);
    }

    @Test
    void anAddressElsewhereIsRefused() {
        Pagination pagination = pagination("{from: next-url, value: next}");
        assertThatThrownBy(() -> pagination.after(
                        Position.START, PLAIN, new PageContent(1, Map.of("next", "https://evil.com/?t=1"), Map.of())))
                .isInstanceOf(ForeignOriginException.class)
                .hasMessageStartingWith("https://evil.com is not on https://api.example.com");
        assertThatThrownBy(() -> pagination.after(
                        Position.START, PLAIN, new PageContent(1, Map.of("next", "//evil.com/x"), Map.of())))
                .isInstanceOf(ForeignOriginException.class);
        for (String each : List.of("//evil.com/x", "https://169.254.169.254/x", "http://api.example.com/x")) {
            assertThatThrownBy(() -> pagination.turn(FIRST, new Position(2, 0, each)))
                    .isInstanceOf(ForeignOriginException.class);
        }
        assertThatThrownBy(() -> pagination.turn(FIRST, new Position(2, 0, "https://x y/")))
                .isInstanceOf(PullException.class)
                .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.STOP));
    }

    @Test
    void aPageThatIsSentAgainIsNoticedAndEmptyOnesAreNot() {
        SeenPositions seen = new SeenPositions();
        seen.visit(Position.START, OptionalLong.of(7));
        seen.visit(new Position(2, 10, "A"), OptionalLong.empty());
        seen.visit(new Position(3, 10, "B"), OptionalLong.empty());
        seen.visit(new Position(4, 10, "C"), OptionalLong.of(8));
        assertThatThrownBy(() -> seen.visit(new Position(5, 20, "D"), OptionalLong.of(7)))
                .isInstanceOf(PaginationLoopException.class)
                .hasMessageContaining("Page 5")
                .hasMessageContaining("check in 'next'");
    }

    @Test
    void aCircleOfAnyLengthIsNoticed() {
        SeenPositions seen = new SeenPositions();
        seen.visit(Position.START, OptionalLong.empty());
        seen.visit(new Position(2, 10, "A"), OptionalLong.empty());
        seen.visit(new Position(3, 20, "B"), OptionalLong.empty());
        assertThatThrownBy(() -> seen.visit(new Position(4, 30, "A"), OptionalLong.empty()))
                .isInstanceOf(PaginationLoopException.class)
                .hasMessage(
                        "After 3 pages the vendor leads back to one already read, at page 4, offset 30, by the same token")
                .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.STOP));
        SeenPositions counted = new SeenPositions();
        for (int i = 1; i <= 20_000; i++) {
            counted.visit(new Position(i, 10L * i, null), OptionalLong.empty());
        }
        assertThatThrownBy(() -> counted.visit(new Position(7, 70, null), OptionalLong.empty()))
                .hasMessage("After 20000 pages the vendor leads back to one already read, at page 7, offset 70");
    }

    @Test
    void aPositionSurvivesItsText() {
        for (Position each : List.of(
                Position.START,
                new Position(3, 200, "a:b:c"),
                new Position(0, Long.MAX_VALUE, ""),
                new Position(2, 0, "ü\n"),
                new Position(2, 0, "a:b", Map.of("$.s", "x\"y"), null, null),
                new Position(2, 0, "p", Map.of(), null, new SyncMark(null, "17")),
                new Position(2, 0, "p", Map.of(), null, new SyncMark("s\n1", null)),
                new Position(
                        2,
                        7,
                        null,
                        Map.of(),
                        new JobMark("j:1", java.time.Instant.parse("2026-01-01T00:00:00.5Z"), 1, 3, "ab"),
                        null))) {
            assertThat(Position.parse(each.toString())).isEqualTo(each);
        }
        assertThat(new Position(3, 200, "tok")).hasToString("3:200:tok");
        for (String wrong : List.of("", "1", "a:b", "1:", ":1", "1:x:t")) {
            assertThatThrownBy(() -> Position.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Not a position: it has the form number:offset or number:offset:token");
        }
        assertThatThrownBy(() -> new Position(-1, 0, null)).hasMessage("A position is not negative: page -1, offset 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{from: cursor} | Unknown 'from: cursor', use one of none, link-header, header, last-record, body, next-url, page-number, offset",
                "{from: body} | next: 'from: body' needs 'value', the path of the next page's token or address",
                "{from: header} | next: 'from: header' needs 'value', the header of the next page's token or address",
                "{from: offset, value: x} | next: 'value' is not for 'from: offset'",
                "{from: next-url, value: n, to: query.x} | next: 'to' is not for 'from: next-url', which replaces the address",
                "{from: body, value: n, to: cookie.x} | next: 'to: cookie.x' is no place, write query.<name>, header.<name>, body.<path>, path or url",
                "{from: body, value: n, to: query} | next: 'to: query' is no place, write query.<name>, header.<name>, body.<path>, path or url",
                "{from: body, value: n, to: body.a..b} | next: 'to: body.a..b' is no place, write query.<name>, header.<name>, body.<path>, path or url",
                "{from: body, value: a..b} | 'a..b' is not a path, write $.data.items, data[0].id, $.data[-1].id, $[*].daily or $..endCursor",
                "{from: body, value: n, start: 1} | next: 'start', 'stop' and 'total' are for page-number and offset only",
                "{from: body, value: n, size: 1} | next: 'size' is for page-number, offset and last-record only",
                "{from: body, value: n, pages: p} | next: 'pages' is for page-number only",
                "{from: offset, stop: a, total: b} | next: 'stop' and 'total' of an offset are the same, leave one out",
                "{from: offset, to: url} | next: 'to: url' is not for 'from: offset', a number is no address",
                "{from: last-record, value: id, take: query.a} | next: 'take: query.a' is not query.<name>, a parameter of the address that body, header, link-header or next-url give",
                "{from: body, value: n, take: cursor} | next: 'take: cursor' is not query.<name>, a parameter of the address that body, header, link-header or next-url give",
                "{from: body, value: n, take: query.a, to: url} | next: 'take' makes a token of an address, 'to: url' needs all of it",
                "{from: body, value: n, parallel: 2} | next: 'parallel' is for page-number and offset with the 'size' of a full page, other pages cannot be told before the one in front of them is read",
                "{from: offset, parallel: 2} | next: 'parallel' is for page-number and offset with the 'size' of a full page, other pages cannot be told before the one in front of them is read",
                "{from: offset, size: 10, parallel: 99} | next: parallel=99 is not between 1 and 16",
                "{from: offset, size: 0} | next: size=0 is not at least 1",
                "{from: offset, start: -1} | next: start=-1 is negative"
            })
    void wrongSettingsSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, NextSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"abc\"| true", "W/\"a,b\"| true", "abc| false", "\"a b\"| false", "\"a| false", "*| false"})
    void onlyWellFormedValidatorsCount(String etag, boolean expected) {
        assertThat(Validators.of(answer(Map.of("ETag", List.of(etag)))).isPresent())
                .isEqualTo(expected);
    }

    private static Pagination pagination(String yaml) {
        Origins origins = new Origins(
                URI.create("https://api.example.com/v1"), List.of("files.example.com"), host -> new InetAddress[0]);
        return Pagination.of(YamlSettings.read(yaml, NextSettings.class), origins);
    }

    private static PageContent content(int records) {
        return new PageContent(records, Map.of(), Map.of());
    }

    private static Answer answer(Map<String, List<String>> headers) {
        return new Answer(200, Headers.of(headers), new byte[0]);
    }
}
