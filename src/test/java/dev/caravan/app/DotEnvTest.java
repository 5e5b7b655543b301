package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DotEnvTest {
    @Test
    void readsNamesAndValues() {
        assertThat(DotEnv.parse("""
                        # the key of the shop
                        STRIPE_API_KEY=sk_test_1
                        export GITHUB_TOKEN = "ghp 2"
                        SINGLE='it is'
                        SIGNS=a=b#c
                        EMPTY=

                        no line of ours
                        =value
                        """))
                .isEqualTo(Map.of(
                        "STRIPE_API_KEY", "sk_test_1",
                        "GITHUB_TOKEN", "ghp 2",
                        "SINGLE", "it is",
                        "SIGNS", "a=b#c",
                        "EMPTY", ""));
    }

    @Test
    void readsLinesOfWindowsAndKeepsAQuoteWithoutAPartner() {
        assertThat(DotEnv.parse("A=1\r\nB=\"half\r\n")).isEqualTo(Map.of("A", "1", "B", "\"half"));
    }

    @Test
    void takesTheLastOfTwo() {
        assertThat(DotEnv.parse("A=1\nA=2")).isEqualTo(Map.of("A", "2"));
    }
}
