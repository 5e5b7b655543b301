package dev.caravan.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RejectShareTest {
    @ParameterizedTest
    @CsvSource({
        "0%,0,10,false",
        "0%,1,1000000,true",
        "5%,5,100,false",
        "5%,6,100,true",
        "5%,1,1,true",
        "2.5 %,25,1000,false",
        "2.5%,26,1000,true",
        "100%,7,7,false"
    })
    void whatIsSaidCountsFromTheFirstRecordOn(String share, long rejected, long read, boolean exceeded) {
        assertThat(RejectShare.parse(share).isExceeded(rejected, read)).isEqualTo(exceeded);
    }

    @Test
    void withoutAWordMoreThanHalfOfAHundredIsTooMuch() {
        assertThat(RejectShare.USUAL.isExceeded(99, 99)).isFalse();
        assertThat(RejectShare.USUAL.isExceeded(50, 100)).isFalse();
        assertThat(RejectShare.USUAL.isExceeded(51, 100)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "101%", "-1%", "5 percent", "", "1e1%"})
    void anythingElseSaysWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> RejectShare.parse(text))
                .hasMessage("max-rejected '%s' is not a share, write one from 0%% to 100%%, such as 5%%", text);
    }

    @Test
    void aLittleIsNotShownAsNothing() {
        assertThat(RejectShare.percent(1, 1_000_000)).isEqualTo("0.1%");
        assertThat(RejectShare.percent(1, 2)).isEqualTo("50%");
    }
}
