package dev.caravan.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathSearchTest {
    private static final String DOCUMENT = """
            {"a": {"b": 1.10, "c": [{"code": "x"}, {"code": null}, {"code": "y", "deep": {"code": 7}}]},
             "code": true, "empty": [], "ä": "\\u00e9", "nothing": null}""";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$.a.b | 1.10",
                "$.a.c[*].code | x;y",
                "$.a.c[-1].code | y",
                "$.a.c[1].code | ''",
                "$.a.c[0].code | x",
                "$..code | x;y;7;true",
                "$.a..code | x;y;7",
                "$..deep.code | 7",
                "$..c..code | x;y;7",
                "$.empty | []",
                "$.nothing | ''",
                "$.ä | é",
                "$.missing.more | ''",
                "$.a.c[2].deep | {\"code\": 7}",
                "$.*.b | 1.10"
            })
    void findsAllValues(String path, String expected) {
        JsonPath parsed = JsonPath.parse(path);
        List<String> found = new PathSearch(List.of(parsed, JsonPath.parse("$.other")))
                .in(DOCUMENT.getBytes(UTF_8))
                .get(parsed);
        assertThat(String.join(";", found)).isEqualTo(expected);
    }

    @Test
    void whatComesBeforeDamageCounts() {
        JsonPath code = JsonPath.parse("$.error.code");
        JsonPath behind = JsonPath.parse("$.behind");
        Map<JsonPath, List<String>> found =
                new PathSearch(List.of(code, behind)).in("{\"error\":{\"code\":4},\"text\":\"cut o".getBytes(UTF_8));
        assertThat(found.get(code)).containsExactly("4");
        assertThat(found.get(behind)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"''", "<html>", "plain words", "42"})
    void whatIsNoObjectHasNoFields(String document) {
        JsonPath path = JsonPath.parse("$.a");
        assertThat(new PathSearch(List.of(path)).in(document.getBytes(UTF_8)).get(path))
                .isEmpty();
    }

    @Test
    void manyValuesAndLongOnesAreBounded() {
        JsonPath each = JsonPath.parse("$[*]");
        String list = "[" + "1,".repeat(999) + "\"" + "x".repeat(100_000) + "\"]";
        assertThat(new PathSearch(List.of(each)).in(list.getBytes(UTF_8)).get(each))
                .hasSize(100);
        JsonPath last = JsonPath.parse("$[-1]");
        assertThat(new PathSearch(List.of(last)).in(list.getBytes(UTF_8)).get(last))
                .isEmpty();
    }
}
