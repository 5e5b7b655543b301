package dev.caravan.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.json.JsonPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChosenFieldsTest {
    private static final String RECORD =
            "{\"id\":1.10,\"a\\u0062\":\"Zoë \\u00e9\",\"customer\":{\"email\":\"a@b.c\",\"name\":null,\"age\":7},"
                    + "\"lines\":[{\"sku\":\"x\",\"price\":1e2},{\"sku\":\"y\"},5,[]],\"empty\":{}}";

    private static final String ID = "aa672d37ec3c3f8002f2a87bba68fd3c2281f1935020cc0e2840276a9de14d78";
    private static final String EMAIL = "d648b243a3e817eaa3309e00e183483f2867baadf522099f0c2121770536b25a";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{drop: [customer, ab]} | {\"id\":1.10,\"lines\":[{\"sku\":\"x\",\"price\":1e2},{\"sku\":\"y\"},5,[]],\"empty\":{}}",
                "{keep: [id, customer.email]} | {\"id\":1.10,\"customer\":{\"email\":\"a@b.c\"}}",
                "{keep: [customer], drop: [customer.age]} | {\"customer\":{\"email\":\"a@b.c\",\"name\":null}}",
                "{keep: lines, drop: lines.sku} | {\"lines\":[{\"price\":1e2},{},5,[]]}",
                "{keep: nothing} | {}",
                "{keep: customer, mask: [customer.email, customer.name]} | {\"customer\":{\"email\":\"***\",\"name\":null,\"age\":7}}",
                "{keep: lines, mask: lines} | {\"lines\":\"***\"}",
                "{keep: [id, ab], rename: {id: number, ab: text}} | {\"number\":1.10,\"text\":\"Zoë \\u00e9\"}",
            })
    void landsWhatIsChosenAndEverythingElseByteForByte(String settings, String landed) throws IOException {
        assertThat(chosen(settings)).isEqualTo(landed);
    }

    @Test
    void hashesTheTextOfATextAndTheJsonOfAnythingElse() throws IOException {
        // printf a@b.c | sha256sum; printf 1.10 | sha256sum
        assertThat(chosen("{keep: [id, customer.email], hash: [id, customer.email]}"))
                .isEqualTo("{\"id\":\"%s\",\"customer\":{\"email\":\"%s\"}}".formatted(ID, EMAIL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{drop: a, mask: a} | fields: 'a' is named by drop and by mask, choose one",
                "{drop: $.a} | fields: '$.a' is no field, write email or customer.email",
                "{keep: ''} | is no field",
                "{rename: {a: _caravan_run}} | does not begin with _caravan_",
            })
    void refusesWhatMeansNothing(String settings, String message) {
        assertThatThrownBy(() -> settings(settings)).hasStackTraceContaining(message);
    }

    @Test
    void leavesAloneWhatTellsRecordsApart() throws IOException {
        List<JsonPath> key = List.of(JsonPath.parse("$.at.id"));
        settings("{keep: at, drop: at.x}").requireWhole("key", key);
        for (String each : List.of("{drop: at}", "{mask: at.id}", "{hash: at.id}", "{rename: {at: b}}")) {
            FieldSettings settings = settings(each);
            assertThatThrownBy(() -> settings.requireWhole("key", key))
                    .as(each)
                    .hasMessageContaining("is needed as it comes, it is the stream's key");
        }
        assertThatThrownBy(() -> settings("{keep: at.x}").requireWhole("key", key))
                .hasMessageContaining("keep lacks 'at.id'");
    }

    private static FieldSettings settings(String yaml) throws IOException {
        return new YAMLMapper().readValue(yaml, FieldSettings.class);
    }

    private static String chosen(String settings) throws IOException {
        byte[] bytes = ("  " + RECORD).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RecordForm whole = (record, to) -> to.write(record.bytes(), record.offset(), record.length());
        new ChosenFields(settings(settings), whole)
                .write(new SourceRecord(bytes, 2, bytes.length - 2, null, null), out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
