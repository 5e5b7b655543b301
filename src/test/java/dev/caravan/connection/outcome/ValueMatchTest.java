package dev.caravan.connection.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.YamlSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueMatchTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17 | 17 | true",
                "17 | 170 | false",
                "true | true | true",
                "'\"*too much data*\"' | Sorry, TOO MUCH data. | true",
                "'\"Minutely*\"' | Minutely API request limit exceeded | true",
                "'\"Minutely*\"' | not Minutely | false",
                "'\"a.c*\"' | abc | false",
                "[4, 17, '*8'] | 17 | true",
                "[4, 17, '*8'] | 28 | true",
                "[4, 17, '*8'] | 5 | false",
                "{matches: '^1\\d$'} | 17 | true",
                "{matches: '^1\\d$'} | 171 | false",
                "{not: 2026-10} | 2026-07 | true",
                "{not: 2026-10} | 2026-10 | false",
                "{not: [a, b]} | c | true",
                "{not: [a, b]} | b | false",
                "present | x | true",
                "present | [] | false",
                "present | '' | false",
                "absent | x | false",
                "absent | {} | true"
            })
    void oneValue(String yaml, String value, boolean fits) {
        assertThat(YamlSettings.read(yaml, ValueMatch.class).fits(List.of(value)))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"17 | false", "'\"*\"' | false", "{not: 17} | false", "present | false", "absent | true"})
    void noValue(String yaml, boolean fits) {
        assertThat(YamlSettings.read(yaml, ValueMatch.class).fits(List.of())).isEqualTo(fits);
    }

    @Test
    void oneOfSeveralValuesIsEnough() {
        assertThat(YamlSettings.read("[b, c]", ValueMatch.class).fits(List.of("a", "b")))
                .isTrue();
        assertThat(YamlSettings.read("{not: b}", ValueMatch.class).fits(List.of("a", "b")))
                .isFalse();
    }
}
