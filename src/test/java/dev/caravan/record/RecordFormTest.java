package dev.caravan.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFormTest {
    private static final String RUN = "20260901T060000Z-4f2a9c";
    private static final Instant AT = Instant.parse("2026-09-01T06:00:00Z");
    private static final String OURS =
            "\"_caravan_run\":\"20260901T060000Z-4f2a9c\",\"_caravan_extracted_at\":\"2026-09-01T06:00:00Z\"";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"id\":1.10} | {\"id\":1.10,`",
                "{} | {",
                "{ } | `{ `",
                "{\"a\":{\"_caravan_run\":1}} | {\"a\":{\"_caravan_run\":1},",
                "{\"a\":\"_caravan_run\"} | {\"a\":\"_caravan_run\","
            })
    void ourFieldsFollowTheVendors(String record, String start) throws IOException {
        assertThat(flat(record, Map.of())).isEqualTo(start.replace("`", "") + OURS + "}");
    }

    @Test
    void fieldsOfTheStreamComeFirst() throws IOException {
        Map<String, String> added = new LinkedHashMap<>();
        added.put("org", "a\"b");
        added.put("repo", "ü/x\n");
        assertThat(flat("{\"id\":1}", added))
                .isEqualTo("{\"id\":1,\"org\":\"a\\\"b\",\"repo\":\"ü/x\\n\"," + OURS + "}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"org\":{\"id\":7}} | {\"org\":{\"id\":7},\"_caravan_org\":\"acme\",",
                "{ \"a\" : [1] , \"org\" : null } | { \"a\" : [1] , \"org\" : null ,\"_caravan_org\":\"acme\",",
                "{\"\\u006frg\":1} | {\"\\u006frg\":1,\"_caravan_org\":\"acme\",",
                "{\"org\":1,\"_caravan_org\":2} | {\"org\":1,\"_caravan_org\":2,\"_caravan__caravan_org\":\"acme\",",
                "{\"a\":{\"org\":1},\"b\":[\"org\",{\"org\":2}]} | {\"a\":{\"org\":1},\"b\":[\"org\",{\"org\":2}],\"org\":\"acme\",",
                "{\"a\\\"org\":1} | {\"a\\\"org\":1,\"org\":\"acme\","
            })
    void aFieldOfTheVendorsStandsAndOursGetsAnotherName(String record, String start) throws IOException {
        assertThat(flat(record, Map.of("org", "acme"))).isEqualTo(start + OURS + "}");
    }

    @Test
    void aVendorsFieldOfOurNameStandsToo() throws IOException {
        assertThat(flat("{\"_caravan_run\":\"theirs\"}", Map.of()))
                .isEqualTo("{\"_caravan_run\":\"theirs\",\"_caravan__caravan_run\":\"" + RUN
                        + "\",\"_caravan_extracted_at\":\"2026-09-01T06:00:00Z\"}");
    }

    @Test
    void aRecordOfSeveralLinesBecomesOne() throws IOException {
        assertThat(flat("{\n \"id\" : 1 ,\r\n \"t\":\" \\n \"\n}", Map.of()))
                .isEqualTo("{\"id\":1,\"t\":\" \\n \"," + OURS + "}");
    }

    @Test
    void writesOnlyTheSliceOfTheRecord() throws IOException {
        byte[] page = "[{\"id\":1},{\"id\":2}]".getBytes(UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new FlatForm(RUN, AT, Map.of()).write(new SourceRecord(page, 10, 8, null, null), out);
        assertThat(out.toString(UTF_8)).isEqualTo("{\"id\":2," + OURS + "}");
    }

    @Test
    void whatThePageKnowsOfNamesIsEnough() throws IOException {
        String page = """
                [{"id":1},{"id":2,"\\u006frg":"theirs","in":{"id":0}},{"id":3,"in":{"org":0}},{"id":4,
                "org":5}]""";
        List<SourceRecord> records = new RecordReader(RecordLayout.of(RecordsSettings.at("$")))
                .read(page.getBytes(UTF_8))
                .records();
        assertThat(records.get(0).names()).containsExactlyInAnyOrder("id", "org", "in");
        List<String> lines = new ArrayList<>();
        for (SourceRecord record : records) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new FlatForm(RUN, AT, Map.of("org", "acme")).write(record, out);
            lines.add(out.toString(UTF_8));
        }
        String added = "\"acme\"," + OURS + "}";
        assertThat(lines)
                .containsExactly(
                        "{\"id\":1,\"org\":" + added,
                        "{\"id\":2,\"\\u006frg\":\"theirs\",\"in\":{\"id\":0},\"_caravan_org\":" + added,
                        "{\"id\":3,\"in\":{\"org\":0},\"org\":" + added,
                        "{\"id\":4,\"org\":5,\"_caravan_org\":" + added);
    }

    @Test
    void aRawRecordIsText() throws IOException {
        assertThat(raw("{\"a\":\"x\\n\\\"é😀\",\t\"n\":1.10}", Map.of("repo", "r")))
                .isEqualTo(
                        "{\"org_slug\":\"acme\",\"raw_data\":\"{\\\"a\\\":\\\"x\\\\n\\\\\\\"é😀\\\",\\t\\\"n\\\":1.10}\","
                                + "\"extracted_at\":\"2026-09-01T06:00:00Z\",\"_caravan_repo\":\"r\"," + OURS + "}");
    }

    @Test
    void anyRecordSurvivesBothForms() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            String record = new RandomJson(random).object(4);
            JsonNode before = StrictJson.mapper().readTree(record);
            JsonNode flat = StrictJson.mapper().readTree(flat(record, Map.of("org", "acme")));
            assertThat(flat.size()).isEqualTo(before.size() + 3);
            before.properties()
                    .forEach(each -> assertThat(flat.get(each.getKey())).isEqualTo(each.getValue()));
            assertThat(flat(record, Map.of())).doesNotContain("\n", "\r");
            assertThat(StrictJson.mapper()
                            .readTree(raw(record, Map.of()))
                            .get("raw_data")
                            .asText())
                    .isEqualTo(record);
        }
    }

    private static String flat(String record, Map<String, String> added) throws IOException {
        return written(new FlatForm(RUN, AT, added), record);
    }

    private static String raw(String record, Map<String, String> added) throws IOException {
        return written(new RawForm("acme", RUN, AT, added), record);
    }

    private static String written(RecordForm form, String record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = record.getBytes(UTF_8);
        form.write(new SourceRecord(bytes, 0, bytes.length, null, null), out);
        return out.toString(UTF_8);
    }
}
