package dev.caravan.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordSchemaTest {
    private static final String ORDERS = """
            {"type": "object", "required": ["id"], "additionalProperties": false,
             "properties": {
               "id": {"type": "integer", "maximum": 9223372036854775806},
               "amount": {"type": "number", "maximum": 1.1},
               "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
               "note": {"type": "string", "pattern": "^a"}},
             "$defs": {"item": {"properties": {"price": {"type": "string"}}}}}
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | the schema's rule 'required' ('id') does not hold at $",
                "{\"id\":\"4111-1111\"} | the schema's rule 'type' does not hold at $.id",
                "{\"id\":9223372036854775807} | the schema's rule 'maximum' does not hold at $.id",
                "{\"id\":1,\"amount\":1.10000000000000000000000000000000000001} | the schema's rule 'maximum' does not hold at $.amount",
                "{\"id\":1,\"items\":[{\"price\":\"1\"},{\"price\":1}]} | the schema's rule 'type' does not hold at $.items[*].price",
                "{\"id\":1,\"note\":\"secret\"} | the schema's rule 'pattern' does not hold at $.note",
                "{\"id\":1,\"other\":1} | the schema's rule 'additionalProperties' does not hold at $",
                "{\"id\":1,\"amount\":1e99999999999} | the schema cannot be asked: an exponent is beyond 10,000",
                "{\"id\":1e999999999} | the schema cannot be asked: an exponent is beyond 10,000",
                "{\"id\":1,\"items\":[1,{\"a\":-1.5e-999999999}]} | the schema cannot be asked: an exponent is beyond 10,000"
            })
    void namesPlaceAndRuleAndNoValue(String record, String reason) throws IOException {
        assertThat(violation(ORDERS, record)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":9223372036854775806}",
                "{\"id\":-0,\"amount\":1.10}",
                "{\"id\":1,\"amount\":1e-400,\"items\":[{\"price\":\"1\"},{}]}"
            })
    void takesNumbersForWhatTheyAre(String record) throws IOException {
        assertThat(violation(ORDERS, record)).isNull();
    }

    @Test
    void olderDraftsAreTakenByTheirRules() throws IOException {
        String draft =
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"properties\":{\"d\":{\"format\":\"date-time\"}}}";
        assertThat(violation(draft, "{\"d\":\"soon\"}")).isEqualTo("the schema's rule 'format' does not hold at $.d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"properties\":{\"id\":{\"type\":\"integr\"}}} | '/properties/id/type' does not have a value in the enumeration",
                "5 | integer found",
                "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/none\"}}} | /$defs/none cannot be resolved",
                "{\"properties\":{\"a\":{\"pattern\":\"(\"}}} | Unclosed group",
                "{\"$ref\":\"http://127.0.0.1:9/other.json\"} | http://127.0.0.1:9/other.json",
                "{\"$ref\":\"file:///etc/hostname\"} | file:///etc/hostname",
                "{\"$schema\":\"http://127.0.0.1:9/mine\"} | http://127.0.0.1:9/mine"
            })
    void aBrokenSchemaIsNamedWhenItIsMade(String schema, String message) {
        assertThatThrownBy(() -> schema(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("schema: ")
                .hasMessageContaining(message);
    }

    @Test
    void twoSchemasMayBearTheSameName() throws IOException {
        String first = "{\"$id\":\"https://acme.example/order\",\"required\":[\"a\"]}";
        assertThat(violation(first, "{\"b\":1}")).contains("('a')");
        assertThat(violation(first.replace("[\"a\"]", "[\"c\"]"), "{\"b\":1}")).contains("('c')");
    }

    @Test
    void aViolationRejectsItsRecordOnly() throws IOException {
        RecordReader reader = new RecordReader(
                RecordLayout.of(RecordsSettings.at("$"), "id"), new RecordRules(10_000, schema(ORDERS)));
        RecordPage page =
                reader.read("[{\"id\":1},{\"id\":2,\"note\":\"b\"},{\"id\":3,\"amount\":1.10}]".getBytes(UTF_8));
        assertThat(page.records()).extracting(SourceRecord::key).containsExactly("1", "3");
        assertThat(page.rejects())
                .extracting(Reject::reason)
                .isEqualTo(List.of("the schema's rule 'pattern' does not hold at $.note"));
        assertThat(reader.readOne(page.rejects().get(0).raw(), Map.of(), null).rejects())
                .extracting(Reject::reason)
                .isEqualTo(List.of("the schema's rule 'pattern' does not hold at $.note"));
    }

    private static @Nullable String violation(String schema, String record) throws IOException {
        byte[] bytes = ("  " + record).getBytes(UTF_8);
        return schema(schema).violation(bytes, 2, bytes.length - 2);
    }

    private static RecordSchema schema(String text) throws IOException {
        return RecordSchema.of(StrictJson.mapper().readTree(text));
    }
}
