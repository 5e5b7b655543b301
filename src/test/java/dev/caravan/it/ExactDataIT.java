package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@code src/docs/exact-data.md} declares for each odd input: one page of each is served, to streams that land it flat,
 * raw, and through steps of their own, all by one process; what landed is compared with what was served.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExactDataIT {
    private static final List<String> SHAPES = List.of("flat", "raw", "each");
    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());
    private static final String BEYOND =
            "it goes beyond a bound: 500 levels, names of 16,384 bytes, numbers of 1,000 digits";

    private final Map<String, byte[]> kept = new LinkedHashMap<>();
    private final Map<String, Rejected> rejected = new LinkedHashMap<>();
    private final Map<String, byte[]> refused = new LinkedHashMap<>();
    private final FakeApi api = FakeApi.start();
    private CaravanHome home;
    private Summaries summaries;
    private Summaries later;

    /** A bad record between two good ones. */
    private record Rejected(byte[] record, String reason) {}

    ExactDataIT() {
        keep("integers", "{\"id\":2,\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":9223372036854775808}");
        keep(
                "decimals",
                "{\"id\":2,\"a\":12345678901234567890123456789012345678,\"b\":0.12345678901234567890123456789012345678}");
        keep("written", "{\"id\":2,\"a\":1.10,\"b\":1E+2,\"c\":1e2,\"d\":-0,\"e\":-0.0,\"f\":0.1E+2}");
        keep("far", "{\"id\":2,\"a\":1e400,\"b\":-1E-400,\"c\":1e99999999999}");
        keep("digits", "{\"id\":2,\"a\":" + "7".repeat(1_000) + "}");
        keep("unicode", "{\"id\":2,\"😀\":\"😀 e\u0301 \ufeff \u2028 \u200d \u0000\"}".replace("\u0000", "\\u0000"));
        keep("cases", "{\"id\":2,\"Id\":3,\"ID\":4}");
        keep("names", "{\"id\":2,\"" + "n".repeat(16_000) + "\":1}");
        keep("nested", "{\"id\":2,\"a\":" + "[".repeat(400) + "]".repeat(400) + "}");
        kept.put("marked", "{\"id\":2}".getBytes(UTF_8));
        reject("duplicate", "{\"id\":2,\"a\":1,\"\\u0061\":2}", "the name 'a' comes twice in one object");
        reject("nan", "{\"id\":2,\"a\":NaN}", "it is not JSON: Non-standard token 'NaN'");
        reject("infinity", "{\"id\":2,\"a\":-Infinity}", "it is not JSON: Non-standard token '-Infinity'");
        reject("zeros", "{\"id\":2,\"a\":007}", "it is not JSON: Invalid numeric value: Leading zeroes not allowed");
        reject(
                "nul",
                "{\"id\":2,\"a\":\"\0\"}",
                "it is not JSON: Illegal unquoted character ((CTRL-CHAR, code 0)): has to be escaped using backslash to be included in string value");
        reject(
                "halves",
                "{\"id\":2,\"a\":\"\\ud83d\"}",
                "a text holds half a character, an escape of \\ud800 to \\udfff without its other half");
        rejected.put("latin", new Rejected("{\"id\":2,\"a\":\"Müller\"}".getBytes(ISO_8859_1), "a byte is not UTF-8"));
        reject("deep", "{\"id\":2,\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", BEYOND);
        reject("long-number", "{\"id\":2,\"a\":" + "7".repeat(1_001) + "}", BEYOND);
        reject("long-name", "{\"id\":2,\"" + "n".repeat(17_000) + "\":1}", BEYOND);
        reject(
                "large",
                "{\"id\":2,\"a\":\"" + "s".repeat(21 * 1024 * 1024) + "\"}",
                "it is larger than caravan.max-record, 15,728,640 bytes");
        reject("text", "\"{}\"", "a record is an object, this is a text");
        reject("keyless", "{\"a\":2}", "the key field 'id' is missing");
        refused.put("tail", "{\"data\":[{\"id\":1}]} x".getBytes(UTF_8));
        refused.put("second", "{\"data\":[{\"id\":1}]}{\"data\":[]}".getBytes(UTF_8));
        refused.put("beside", "{\"data\":[{\"id\":1}],\"took\":NaN}".getBytes(UTF_8));
        refused.put("latin-beside", "{\"data\":[{\"id\":1}],\"note\":\"ü\"}".getBytes(ISO_8859_1));
        refused.put("twice-beside", "{\"data\":[{\"id\":1}],\"data\":[]}".getBytes(UTF_8));
    }

    private void keep(String name, String record) {
        kept.put(name, record.getBytes(UTF_8));
    }

    private void reject(String name, String record, String reason) {
        rejected.put(name, new Rejected(record.getBytes(UTF_8), reason));
    }

    @BeforeAll
    void pullAll(@TempDir Path folder) throws IOException {
        home = CaravanHome.in(folder).withJava("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m");
        kept.forEach((name, record) -> serve(name, answer(record)));
        serve("marked", joined("\ufeff".getBytes(UTF_8), answer("{\"id\":2}".getBytes(UTF_8))));
        rejected.forEach((name, bad) -> serve(name, answer(bad.record())));
        refused.forEach(this::serve);
        for (String shape : SHAPES) {
            home.withRoute(
                    shape,
                    streams(
                            shape,
                            Stream.concat(kept.keySet().stream(), rejected.keySet().stream())
                                    .toList()));
        }
        home.withRoute("refused", streams("refused", refused.keySet()));
        Files.createDirectory(home.routes().resolve("schemas"));
        Files.writeString(
                home.routes().resolve("schemas/order.json"), "{\"properties\":{\"amount\":{\"type\":\"number\"}}}");
        home.withRoute("rules", rules());
        api.on(
                "/rules",
                asked -> Reply.ok("{\"data\":[{\"id\":1,\"amount\":1.10},{\"id\":2,\"amount\":\"1.10\"},{\"id\":3}]}"));
        summaries = Summaries.of(home.run("pull", "--all", "--json"));

        api.on(
                "/rules",
                asked -> Reply.ok("{\"data\":[{\"id\":1,\"amount\":1.10},{\"id\":2,\"amount\":1.10},{\"id\":3}]}"));
        later = Summaries.of(home.run("pull", "rules", "--json"));
    }

    @AfterAll
    void close() {
        api.close();
    }

    static Stream<String> kept() {
        return new ExactDataIT().kept.keySet().stream();
    }

    static Stream<String> rejected() {
        return new ExactDataIT().rejected.keySet().stream();
    }

    static Stream<String> refused() {
        return new ExactDataIT().refused.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("kept")
    void whatIsJsonLandsAsItWasServed(String name) throws JsonProcessingException {
        String record = new String(kept.get(name), UTF_8);
        assertLanded(name, List.of("{\"id\":1}", record, "{\"id\":3}"));
        for (String shape : SHAPES) {
            assertThat(home.landed("errors/" + shape + "/" + name).lines()).isEmpty();
            assertCounts(shape + "-" + name, 3, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void aBadRecordIsSetAsideWithItsReasonAndTheOthersLand(String name) throws JsonProcessingException {
        Rejected bad = rejected.get(name);
        assertLanded(name, List.of("{\"id\":1}", "{\"id\":3}"));
        for (String shape : SHAPES) {
            List<String> lines = home.landed("errors/" + shape + "/" + name).lines();
            assertThat(lines).hasSize(1);
            JsonNode line = JSON.readTree(lines.get(0));
            assertThat(line.path("reason").asText()).isEqualTo(bad.reason());
            Charset encoding =
                    line.has("encoding") ? Charset.forName(line.path("encoding").asText()) : UTF_8;
            assertThat(line.path("raw").asText().getBytes(encoding)).isEqualTo(bad.record());
            assertCounts(shape + "-" + name, 2, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsNotOneJsonDocumentIsAskedForAgainAndThenFails(String name) {
        String stream = "refused-" + name;
        assertThat(summaries.status(stream)).isEqualTo("failed");
        assertThat(summaries.error(stream)).contains(stream, "GET", "/" + name);
        assertThat(summaries.of(stream).path("retries").asInt()).isEqualTo(name.equals("twice-beside") ? 0 : 3);
        assertThat(home.landed("refused/" + name).lines()).isEmpty();
    }

    @Test
    void aSchemaRejectsWhatBreaksItsRules() throws JsonProcessingException {
        assertCounts("rules-schema", 2, 1);
        JsonNode line = JSON.readTree(home.landed("errors/rules/schema").lines().get(0));
        assertThat(line.path("reason").asText()).isEqualTo("the schema's rule 'type' does not hold at $.amount");
        assertThat(line.path("raw").asText()).isEqualTo("{\"id\":2,\"amount\":\"1.10\"}");
        assertCounts("rules-written", 2, 1);
    }

    @Test
    void tooManyRejectsFailTheRunAndTheNextOneBringsEverything() {
        assertThat(summaries.status("rules-strict")).isEqualTo("failed");
        assertThat(summaries.error("rules-strict"))
                .contains(
                        "33.4% of the records read were rejected, 1 of 3, where 'max-rejected' allows 10%",
                        "1 because the schema's rule 'type' does not hold at $.amount", "preview rules-strict");
        assertThat(summaries.of("rules-strict").path("rows").asInt()).isZero();
        assertThat(later.status("rules-strict")).isEqualTo("done");
        assertThat(later.of("rules-strict").path("rows").asInt()).isEqualTo(3);
        assertThat(home.landed("rules/strict")
                        .assertExactlyOnce(List.of("1", "2", "3"), "id")
                        .lines())
                .hasSize(3);
        assertThat(home.landed("errors/rules/strict").lines()).isEmpty();
    }

    @Test
    void recordsWithoutADateLandAndAreCounted() {
        assertThat(summaries.of("rules-undated").path("undated").asInt()).isEqualTo(3);
        assertThat(summaries.of("rules-undated").path("checkpoint").isNull()).isTrue();
        assertThat(home.landed("rules/undated").folder().resolve("date=unknown"))
                .isNotEmptyDirectory();
    }

    @Test
    void aSchemaThatIsNotThereDisablesItsStream() {
        Ended streams = home.withRoute("rules", rules().replace("schemas/order.json", "schemas/orders.json"))
                .run("streams");
        assertThat(streams.out() + streams.err())
                .contains(
                        "rules.camel.yaml:",
                        "stream 'rules-schema'",
                        "schema 'schemas/orders.json' is no file of",
                        "rules-written");
    }

    @Test
    void everyFileIsSound() {
        for (String name : kept.keySet()) {
            if (!name.equals("far")) { // no number of Java's holds 1e99999999999, which assertSound would read
                home.landed("flat/" + name).assertSound("id");
            }
        }
        home.run("verify").expect(0);
    }

    /** Flat and through steps, the vendor's bytes come first in the line; raw, they are a text. */
    private void assertLanded(String name, List<String> records) throws JsonProcessingException {
        for (String shape : List.of("flat", "each")) {
            List<String> lines = home.landed(shape + "/" + name).lines();
            assertThat(lines).hasSize(records.size());
            for (int i = 0; i < records.size(); i++) {
                String open = records.get(i).substring(0, records.get(i).length() - 1);
                assertThat(lines.get(i)).startsWith(open + ",\"_caravan_run\":\"");
            }
        }
        List<String> lines = home.landed("raw/" + name).lines();
        assertThat(lines).hasSize(records.size());
        for (int i = 0; i < records.size(); i++) {
            assertThat(JSON.readTree(lines.get(i)).path("raw_data").asText()).isEqualTo(records.get(i));
        }
    }

    private void assertCounts(String stream, int rows, int rejected) {
        assertThat(summaries.status(stream)).isEqualTo("done");
        assertThat(summaries.of(stream).path("rows").asInt()).isEqualTo(rows);
        assertThat(summaries.of(stream).path("rejected").asInt()).isEqualTo(rejected);
    }

    private void serve(String name, byte[] answer) {
        api.on("/" + name, asked -> Reply.status(200).bytes(answer));
    }

    private static byte[] answer(byte[] record) {
        return joined("{\"data\":[{\"id\":1},".getBytes(UTF_8), record, ",{\"id\":3}],\"next\":null}".getBytes(UTF_8));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A vendor with a stream for each name, at the path of that name. */
    private String streams(String vendor, Iterable<String> names) {
        StringBuilder yaml = new StringBuilder(connection(vendor));
        for (String name : names) {
            String more =
                    vendor.equals("raw") ? ", shape: raw" : vendor.equals("each") ? ", each: \"direct:same\"" : "";
            yaml.append(stream(vendor + "-" + name, "{path: /%s%s}".formatted(name, more)));
        }
        if (vendor.equals("each")) {
            yaml.append("""
                    - route:
                        id: same
                        from:
                          uri: direct:same
                          steps:
                            - setBody: {expression: {simple: {expression: "${body}"}}}
                    """);
        }
        return yaml.toString();
    }

    private String rules() {
        return connection("rules")
                + stream("rules-schema", "{path: /rules, schema: schemas/order.json}")
                + stream("rules-written", "{path: /rules, schema: {properties: {amount: {type: number, minimum: 0}}}}")
                + stream(
                        "rules-strict",
                        "{path: /rules, schema: {properties: {amount: {type: number}}}, max-rejected: 10%}")
                + stream("rules-undated", "{path: /rules, cursor: {field: at, format: iso, order: ascending}}");
    }

    private String connection(String name) {
        return """
                - beans:
                    - name: %s
                      type: dev.caravan.Connection
                      properties:
                        url: %s
                        auth: {type: none}
                        quotas: [{rate: 1000, per: 1s, burst: 1000}]
                        defaults: {records: $.data, key: id}
                """.formatted(name, api.url());
    }

    private static String stream(String id, String properties) {
        return """
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: %s
                    beans:
                      - {name: spec, type: dev.caravan.Stream, properties: %s}
                """.formatted(id, properties);
    }
}
