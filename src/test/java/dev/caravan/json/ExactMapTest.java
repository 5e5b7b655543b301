package dev.caravan.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactMapTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0",
                "1.10",
                "1E+2",
                "1e2",
                "1E400",
                "0.1E+2",
                "1e-400",
                "100",
                "9223372036854775808",
                "12345678901234567890123456789012345678",
                "0.12345678901234567890123456789012345678",
                "1e99999999999999999999",
                "-1.5e-99999999999999999999"
            })
    void numbersAreWrittenAsTheyWereRead(String number) throws IOException {
        String record = "{\"a\":" + number + ",\"l\":[" + number + ",{\"b\":" + number + "}]}";
        assertThat(written(read(record))).isEqualTo(record);
    }

    @Test
    void whatIsCalculatedWithThemIsOrdinary() throws IOException {
        Map<String, Object> map = read("{\"a\":1e2,\"b\":-0,\"c\":7,\"d\":1e99999999999}");
        map.computeIfPresent("a", (name, value) -> ((BigDecimal) value).add(BigDecimal.ONE));
        map.computeIfPresent("b", (name, value) -> ((BigInteger) value).subtract(BigInteger.TEN));
        map.computeIfPresent("d", (name, value) -> ((Number) value).doubleValue() > 1e308);
        assertThat(map)
                .containsEntry("a", new BigDecimal("101"))
                .containsEntry("b", BigInteger.valueOf(-10))
                .containsEntry("d", true);
        assertThat(written(map)).isEqualTo("{\"a\":101,\"b\":-10,\"c\":7,\"d\":true}");
    }

    @Test
    void textsKeepTheirCharactersAndFieldsTheirOrder() throws IOException {
        String record =
                "{\"z\":\"é😀\u2028\ufeffe\u0301\",\"Id\":null,\"id\":true,\"nul\":\"\\u0000\",\"a\":{},\"b\":[]}";
        assertThat(written(read(record))).isEqualTo(record);
    }

    private static Map<String, Object> read(String record) throws IOException {
        byte[] bytes = ("[" + record + "]").getBytes(UTF_8);
        return ExactMap.read(bytes, 1, bytes.length - 2);
    }

    private static String written(Map<String, Object> map) throws IOException {
        return new String(StrictJson.mapper().writeValueAsBytes(map), UTF_8);
    }
}
