package dev.caravan.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TopLevelNamesTest {
    private static final TopLevelNames TAKEN = new TopLevelNames(List.of("taken"));

    @Test
    void findsItsNameBehindTextsOfAnyLength() {
        Random random = new Random(5);
        String[] pieces = {"a", "\\\"", "\\\\", "{", "}", ":", ",", "ü", "😀", "taken", " "};
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(24); i > 0; i--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            boolean taken = random.nextBoolean();
            String name = taken ? "taken" : "free";
            String json = "{\"a\":\"%s\",\"b\":{\"taken\":\"%s\"},\"%s\":\"%s\"}".formatted(text, text, name, text);
            assertThat(TAKEN.in(record(json, random.nextInt(9))).taken())
                    .as(json)
                    .isEqualTo(taken);
        }
    }

    @Test
    void seesLineBreaksBetweenTokensOnly() {
        assertThat(TAKEN.in(record("{\"a\":1,\n\"b\":2}", 0)).lineBreaks()).isTrue();
        assertThat(TAKEN.in(record("{\"a\":\"long enough to be more than one word\\n\"}", 0))
                        .lineBreaks())
                .isFalse();
    }

    /** A record with others on both sides of it. */
    private static SourceRecord record(String json, int before) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        byte[] page = (" ".repeat(before) + json + ",{\"taken\":\"x\"}").getBytes(StandardCharsets.UTF_8);
        return new SourceRecord(page, before, bytes.length, null, null);
    }
}
