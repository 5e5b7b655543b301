package dev.caravan.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {
    private static final byte[] DOCUMENT = """
            {"data": [{"id": 1, "a.b": "dot"}, {"id": 2}, {"id": 1.10}], "reactions": {"-1": "down", "0": "zero"},
             "empty": null, "text": "é\\ud83d\\ude00\\n", "deep": {"list": [[], [7, {"x": true}]]}}
            """.getBytes(UTF_8);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$.data[0].id | 1",
                "data[0].id | 1",
                "data.0.id | 1",
                "$.data[-1].id | 1.10",
                "data.-1.id | 1.10",
                "$.data[*].id | 1",
                "$['data'][1]['id'] | 2",
                "data[0]['a.b'] | dot",
                "reactions.-1 | down",
                "reactions.0 | zero",
                "$.reactions.* | down",
                "deep.list[-1][-1].x | true",
                "deep.list[1] | [7, {\"x\": true}]",
                "deep.list[0] | []"
            })
    void findsTheFirstValue(String path, String expected) {
        assertThat(JsonPath.parse(path).textIn(DOCUMENT)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$..x | true",
                "$..list[1][0] | 7",
                "$..a.b | ",
                "$.deep..x | true",
                "$..id | 1",
                "$..reactions..0 | zero"
            })
    void findsANameAnywhere(String path, @Nullable String expected) {
        assertThat(JsonPath.parse(path).textIn(DOCUMENT)).isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void ofSeveralPlacesTheOneNearestToTheRootCounts() {
        byte[] nested = """
                {"data": {"nodes": [{"variants": {"info": {"end": "a"}}}, {"info": {"end": "b"}}],
                 "info": {"end": "outer"}, "more": [{"info": {"end": "c"}}]}, "broken": <
                """.getBytes(UTF_8);
        JsonPath end = JsonPath.parse("$..info.end");
        assertThat(end.isSearch()).isTrue();
        assertThat(end.textIn(nested)).contains("outer");
        assertThat(JsonPath.parse(end.toString())).isEqualTo(end);
        assertThat(JsonPath.parse("data").then(end)).hasToString("$.data..info.end");
    }

    @Test
    void theEmptyPathIsTheRoot() {
        assertThat(JsonPath.parse("")).isEqualTo(JsonPath.ROOT).hasToString("$");
        assertThat(JsonPath.parse(" $ ").isRoot()).isTrue();
        assertThat(JsonPath.ROOT.textIn("[1 ]".getBytes(UTF_8))).contains("[1 ]");
        assertThat(JsonPath.ROOT.textIn("\"x\"".getBytes(UTF_8))).contains("x");
    }

    @Test
    void decodesTexts() {
        assertThat(JsonPath.parse("text").textIn(DOCUMENT)).contains("é😀\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"empty", "missing", "data[3].id", "data.id", "data[-1].none", "reactions[0]", "deep.list.x"})
    void findsNothingWhereNothingIs(String path) {
        assertThat(JsonPath.parse(path).textIn(DOCUMENT)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..a", "$..", "$..*", "$...a", "a..b", "a.", ".a", "$a", "a[", "a[x]", "a[-2]", "a[1000]", "a['b]",
                "a[]", "a]b", "a[0]b."
            })
    void refusesWhatIsNoPath(String text) {
        assertThatThrownBy(() -> JsonPath.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text
                        + "' is not a path, write $.data.items, data[0].id, $.data[-1].id, $[*].daily or $..endCursor");
    }

    @Test
    void aBrokenDocumentHoldsWhatComesBeforeTheBreak() {
        byte[] broken = "{\"error\": \"slow down\", \"trace\": <html>".getBytes(UTF_8);
        assertThat(JsonPath.parse("error").textIn(broken)).contains("slow down");
        assertThat(JsonPath.parse("trace").textIn(broken)).isEmpty();
        assertThat(JsonPath.parse("error").textIn(new byte[0])).isEmpty();
    }

    @Test
    void pathsAreCutAndJoined() {
        JsonPath daily = JsonPath.parse("$[*].daily");
        assertThat(daily.upToEach()).contains(JsonPath.parse("$[*]"));
        assertThat(daily.afterEach()).hasToString("$.daily");
        assertThat(JsonPath.parse("$.data[*]").container()).isEqualTo(JsonPath.parse("data"));
        assertThat(JsonPath.parse("data").elements().then(JsonPath.parse("['a.b'].c")))
                .hasToString("$.data[*]['a.b'].c");
        assertThat(JsonPath.parse("data").members()).hasToString("$.data.*");
        assertThat(JsonPath.named("a.b")).isEqualTo(JsonPath.parse("['a.b']"));
        assertThat(JsonPath.parse("a[0]").field()).isEmpty();
        assertThat(JsonPath.parse("a.b").field()).contains("b");
    }

    @Test
    void aTreeKnowsWhichPathsEndAndWhichAreForgotten() {
        PathTree tree = PathTree.of(List.of(
                JsonPath.parse("d[*].id"), JsonPath.parse("d[-1].id"), JsonPath.parse("d[0].id"), JsonPath.parse("d")));
        PathTree list = child(tree.field("d"));
        assertThat(list.targets()).containsExactly(3);
        assertThat(list.forgotten()).containsExactly(1);
        assertThat(child(child(list.element(0)).field("id")).targets()).containsExactly(0, 1, 2);
        assertThat(child(child(list.element(5)).field("id")).targets()).containsExactly(0, 1);
        assertThat(child(list.element(5)).field("x")).isNull();
        assertThat(tree.element(0)).isNull();
    }

    private static PathTree child(@Nullable PathTree tree) {
        return Objects.requireNonNull(tree);
    }
}
