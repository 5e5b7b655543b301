package dev.caravan.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import dev.caravan.slice.CursorFormat;
import dev.caravan.testkit.YamlSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {
    private static final RecordReader PLAIN = reader("$.data", "id");

    @Test
    void cutsRecordsAsTheyCame() {
        RecordPage page =
                PLAIN.read(bytes("{\"data\":[{\"id\":1, \"x\":1.10},{\"id\":\"a\\u0062\",\"y\":{}}],\"more\":true}"));
        assertThat(texts(page)).containsExactly("{\"id\":1, \"x\":1.10}", "{\"id\":\"a\\u0062\",\"y\":{}}");
        assertThat(page.records()).extracting(SourceRecord::key).containsExactly("1", "\"ab");
        assertThat(page.rejects()).isEmpty();
        assertThat(page.size()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10",
                "-0",
                "-0.0",
                "9223372036854775807",
                "9223372036854775808",
                "1E400",
                "1e-400",
                "0.1E+2",
                "12345678901234567890123456789012345678",
                "0.12345678901234567890123456789012345678"
            })
    void numbersComeOutAsTheyWentIn(String number) {
        RecordPage page = PLAIN.read(bytes("{\"data\":[{\"id\":" + number + "}]}"));
        assertThat(texts(page)).containsExactly("{\"id\":" + number + "}");
        assertThat(page.records().get(0).key()).isEqualTo(number);
    }

    @Test
    void slicesOfAnyDocumentEqualTheTreesElements() throws Exception {
        Random random = new Random(42);
        RecordReader reader = reader("$.a.rows");
        for (int i = 0; i < 400; i++) {
            RandomJson json = new RandomJson(random);
            String before = json.value(3);
            StringBuilder rows = new StringBuilder();
            int count = random.nextInt(6);
            for (int row = 0; row < count; row++) {
                rows.append(row == 0 ? "" : ",")
                        .append(json.space())
                        .append(json.object(4))
                        .append(json.space());
            }
            String text = (random.nextInt(4) == 0 ? "\uFEFF" : "") + json.space() + "{\"before\":" + before
                    + ",\"a\":{\"x\":" + json.value(2) + ",\"rows\":[" + rows + "]" + json.space() + ",\"z\":"
                    + json.value(2)
                    + "}," + json.space() + "\"after\":" + json.value(3) + "}" + json.space();
            byte[] source = text.getBytes(UTF_8);
            RecordPage page = reader.read(source);
            JsonNode tree = StrictJson.mapper().readTree(source).at("/a/rows");
            assertThat(page.rejects()).isEmpty();
            assertThat(page.records()).hasSize(tree.size());
            for (int row = 0; row < tree.size(); row++) {
                String slice = text(page.records().get(row));
                assertThat(StrictJson.mapper().readTree(slice)).isEqualTo(tree.get(row));
                assertThat(slice).doesNotContain("\n", "\r");
            }
        }
    }

    @Test
    void anyCutDocumentIsRefused() {
        byte[] whole = bytes("{\"data\":[{\"id\":1,\"é\":[true,\"a\\n\"]},{\"id\":2.5}],\"more\":false}");
        assertThat(PLAIN.read(whole).size()).isEqualTo(2);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> PLAIN.read(cut))
                    .isInstanceOf(RecordDecodeException.class)
                    .hasMessageStartingWith("The answer is not one whole JSON document: ")
                    .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.RETRY));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"data\":[]} x | Unrecognized token 'x'",
                "{\"data\":[]}{} | more follows behind its end, at byte 11",
                "{\"data\":[]}] | Unexpected close marker ']'",
                "{\"data\":[{\"id\":1},]} | Unexpected character (']'",
                "{\"data\":[{\"id\":1}],\"took\":NaN} | Non-standard token 'NaN'",
                "{\"data\":[{\"id\":1}],\"took\":01} | Invalid numeric value: Leading zeroes not allowed",
                "{\"data\":[{\"id\":nil}]} | Unrecognized token 'nil'",
                "{'data':[]} | Unexpected character (''' (code 39))",
                "Unexpected error while streaming data: timeout | Unrecognized token 'Unexpected'",
                "`` | it is empty",
                "`  ` | it is empty"
            })
    void whatIsNotOneDocumentIsRefused(String text, String message) {
        assertThatThrownBy(() -> PLAIN.read(bytes(text)))
                .isInstanceOf(RecordDecodeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void lineBreaksBetweenTokensGoAndNothingElse() {
        RecordPage page = PLAIN.read(
                bytes(
                        "{\"data\" : [ {\n  \"id\" : 1.10 ,\r\n\t\"t\" : \"a \\n \\\" b\" ,\n \"l\" : [ 1 , 2 ]\n} , { \"id\" : 2 } ] }"));
        assertThat(texts(page)).containsExactly("{\"id\":1.10,\"t\":\"a \\n \\\" b\",\"l\":[1,2]}", "{ \"id\" : 2 }");
    }

    @Test
    void aNameThatComesTwiceRejectsItsRecordOnly() {
        RecordPage page = PLAIN.read(
                bytes(
                        "{\"data\":[{\"id\":1,\"i\\u0064\":2},{\"id\":2,\"b\":{\"id\":3}},{\"id\":4,\"c\":[{\"x\":1,\"x\":2}]}]}"));
        assertThat(page.records()).extracting(SourceRecord::key).containsExactly("2");
        assertThat(page.rejects())
                .extracting(Reject::position, Reject::reason, RecordReaderTest::raw)
                .containsExactly(
                        tuple(0, "the name 'id' comes twice in one object", "{\"id\":1,\"i\\u0064\":2}"),
                        tuple(2, "the name 'x' comes twice in one object", "{\"id\":4,\"c\":[{\"x\":1,\"x\":2}]}"));
        assertThatThrownBy(() -> PLAIN.read(bytes("{\"data\":[],\"data\":[]}")))
                .hasMessage("The answer has another form than expected: the name 'data' comes twice in one object")
                .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.STOP));
    }

    @Test
    void recordsWithoutAKeyAreRejected() {
        RecordPage page =
                PLAIN.read(bytes("{\"data\":[{},{\"id\":null},{\"id\":[]},7,\"x\",null,[{}],{\"id\":\"\\ud800\"}]}"));
        assertThat(page.records()).isEmpty();
        assertThat(page.rejects())
                .extracting(Reject::reason)
                .containsExactly(
                        "the key field 'id' is missing",
                        "the key field 'id' is null",
                        "the key field 'id' is a list or an object",
                        "a record is an object, this is a number",
                        "a record is an object, this is a text",
                        "a record is an object, this is null",
                        "a record is an object, this is a list",
                        Flaws.HALF_A_CHARACTER);
        assertThat(page.rejects())
                .extracting(RecordReaderTest::raw)
                .containsExactly(
                        "{}", "{\"id\":null}", "{\"id\":[]}", "7", "\"x\"", "null", "[{}]", "{\"id\":\"\\ud800\"}");
    }

    @Test
    void differentKeysNeverMeet() {
        RecordReader reader = reader("$", "a", "b");
        RecordPage page = reader.read(
                bytes(
                        "[{\"a\":\"1:x\",\"b\":\"y\"},{\"a\":\"1\",\"b\":\"x:y\"},{\"a\":1,\"b\":\"\"},{\"a\":\"1\",\"b\":\"\"},"
                                + "{\"a\":\"\",\"b\":\"1\"},{\"a\":true,\"b\":\"x\"},{\"a\":\"true\",\"b\":\"x\"},{\"a\":1.0,\"b\":\"\"}]"));
        assertThat(page.records()).hasSize(8).extracting(SourceRecord::key).doesNotHaveDuplicates();
        assertThat(page.records().get(0).key()).isEqualTo("4:\"1:x2:\"y");
    }

    @Test
    void aKeyMayComeFromBesideTheRecord() {
        RecordReader reader = reader("$", "owner", "user.id");
        RecordPage page = reader.read(
                bytes(
                        "[{\"user\":{\"id\":5}},{\"owner\":\"self\",\"user\":{\"id\":6}},{\"owner\":{},\"user\":{\"id\":7}}]"),
                Map.of("owner", "octo"));
        assertThat(page.records())
                .extracting(SourceRecord::key)
                .containsExactly("5:\"octo1:5", "5:\"self1:6", "5:\"octo1:7");
    }

    @Test
    void cursorsAreReadInAnyOfTheirFormats() {
        RecordReader reader = new RecordReader(RecordLayout.of(RecordsSettings.at("$"))
                .withCursor(new CursorField(
                        JsonPath.parse("t.at"),
                        List.of(CursorFormat.ISO, CursorFormat.EPOCH_SECONDS),
                        ZoneOffset.UTC)));
        RecordPage page = reader.read(
                bytes(
                        "[{\"t\":{\"at\":\"2025-06-01T10:00:00Z\"}},{\"t\":{\"at\":1748772000}},"
                                + "{\"t\":{\"at\":\"1748772000\"}},{\"t\":{\"at\":null}},{},{\"t\":{\"at\":\"soon\"}},{\"t\":{\"at\":[]}}]"));
        Instant ten = Instant.parse("2025-06-01T10:00:00Z");
        assertThat(page.records()).extracting(SourceRecord::cursor).containsExactly(ten, ten, ten, null, null);
        assertThat(page.records()).extracting(SourceRecord::key).containsOnlyNulls();
        assertThat(page.rejects())
                .extracting(Reject::reason)
                .containsExactly(
                        "the cursor 't.at' is not written as iso or epoch-seconds",
                        "the cursor 't.at' is a list or an object");
    }

    @Test
    void anotherFieldStandsInForACursorThatIsNullOrMissing() {
        RecordReader reader = new RecordReader(RecordLayout.of(RecordsSettings.at("$"))
                .withCursor(new CursorField(
                        JsonPath.parse("changed"), JsonPath.parse("made"), List.of(CursorFormat.ISO), ZoneOffset.UTC)));
        RecordPage page = reader.read(bytes("""
                [{"made":"2025-06-01T10:00:00Z","changed":"2025-06-02T10:00:00Z"},{"made":"2025-06-01T10:00:00Z","changed":null},
                 {"made":"2025-06-01T10:00:00Z"},{"changed":null}]"""));
        Instant made = Instant.parse("2025-06-01T10:00:00Z");
        assertThat(page.records())
                .extracting(SourceRecord::cursor)
                .containsExactly(Instant.parse("2025-06-02T10:00:00Z"), made, made, null);
    }

    @Test
    void capturesWhatTheNextPageNeeds() {
        RecordReader reader = new RecordReader(RecordLayout.of(RecordsSettings.at("$.data"), "id")
                .taking(
                        List.of("$.more", "$.next", "$.none", "$.null", "$.data[-1].id", "data[0].id", "$.meta"),
                        List.of("id", "t")));
        RecordPage page =
                reader.read(bytes("{\"more\":true,\"null\":null,\"data\":[{\"id\":\"a\",\"t\":1},{\"id\":\"b\\n\"}],"
                        + "\"next\":\"c/ä\",\"meta\":{\"n\": 1.0}}"));
        assertThat(page.captured())
                .containsOnly(
                        Map.entry("$.more", "true"),
                        Map.entry("$.next", "c/ä"),
                        Map.entry("$.data[-1].id", "b\n"),
                        Map.entry("data[0].id", "a"),
                        Map.entry("$.meta", "{\"n\": 1.0}"));
        assertThat(page.last()).containsOnly(Map.entry("id", "b\n"));
        assertThat(reader.read(bytes("{\"data\":[]}")).last()).isEmpty();
    }

    @Test
    void theLastRecordCountsEvenIfItIsRejected() {
        RecordReader reader =
                new RecordReader(RecordLayout.of(RecordsSettings.at("$"), "id").taking(List.of(), List.of("seq")));
        assertThat(reader.read(bytes("[{\"id\":1,\"seq\":1},{\"seq\":2}]")).last())
                .containsEntry("seq", "2");
    }

    @Test
    void aMissingContainerIsAnErrorUnlessItMayBeMissing() {
        for (String answer : List.of("{}", "{\"data\":null}", "[]", "5", "{\"error\":\"x\"}")) {
            assertThatThrownBy(() -> PLAIN.read(bytes(answer)))
                    .isInstanceOf(RecordDecodeException.class)
                    .hasMessage("The answer has another form than expected: there is nothing at $.data")
                    .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.STOP));
            RecordReader optional = new RecordReader(RecordLayout.of(settings("{path: $.data, optional: true}"), "id"));
            assertThat(optional.read(bytes(answer)).size()).isZero();
        }
    }

    @Test
    void aContainerOfAnotherFormIsAnError() {
        assertThatThrownBy(() -> PLAIN.read(bytes("{\"data\":{\"id\":1}}")))
                .hasMessage("The answer has another form than expected: $.data is an object, not a list;"
                        + " 'as: single' takes it for one record, 'as: object' for records by name");
        RecordReader byName = new RecordReader(RecordLayout.of(settings("{path: data, as: object}")));
        assertThatThrownBy(() -> byName.read(bytes("{\"data\":[]}")))
                .hasMessage("The answer has another form than expected: data is a list, not an object of records;"
                        + " leave 'as: object' out for a list");
    }

    @Test
    void recordsMayBeAnObjectsValues() {
        RecordReader reader =
                new RecordReader(RecordLayout.of(settings("{path: $.users, as: object, index: uid}"), "uid"));
        RecordPage page = reader.read(bytes("{\"users\":{\"u\\\"1\":{\"a\":1},\"u2\":{},\"u3\":{\"uid\":\"own\"}}}"));
        assertThat(texts(page))
                .containsExactly("{\"a\":1,\"uid\":\"u\\\"1\"}", "{\"uid\":\"u2\"}", "{\"uid\":\"own\"}");
        assertThat(page.records()).extracting(SourceRecord::key).containsExactly("\"u\"1", "\"u2", "\"own");
    }

    @Test
    void oneObjectMayBeTheRecord() {
        RecordReader reader = new RecordReader(RecordLayout.of(settings("{as: single}"), "id"));
        assertThat(texts(reader.read(bytes(" {\"id\":1} ")))).containsExactly("{\"id\":1}");
        assertThat(reader.read(bytes("[1]")).rejects()).hasSize(1);
    }

    @Test
    void containersMayRepeat() {
        RecordReader reader = reader("$.groups[*].rows[*]", "id");
        RecordPage page = reader.read(
                bytes("{\"groups\":[{\"rows\":[{\"id\":1}]},{\"rows\":[]},{\"rows\":[{\"id\":2},{\"id\":3}]}]}"));
        assertThat(page.records()).extracting(SourceRecord::key).containsExactly("1", "2", "3");
    }

    @Test
    void columnsBecomeRowsOfTheirOwnBytes() {
        RecordReader reader = new RecordReader(RecordLayout.of(
                        settings("{path: $.daily, as: columns, with: [timezone, elevation, none]}"), "place", "time")
                .taking(List.of("$.timezone"), List.of("time")));
        RecordPage page = reader.read(
                bytes(
                        "{\n\"timezone\":\"Europe/Berlin\",\"daily\":{\"time\":[\"2025-06-01\",\"2025-06-02\"],\"t °\":[ 1.10 , null],"
                                + "\"l\":[[1, 2],{\"a\":\"]\"}]},\"elevation\":38.0}"),
                Map.of("place", "berlin"));
        assertThat(texts(page))
                .containsExactly(
                        "{\"time\":\"2025-06-01\",\"t °\":1.10,\"l\":[1,2],\"timezone\":\"Europe/Berlin\",\"elevation\":38.0}",
                        "{\"time\":\"2025-06-02\",\"t °\":null,\"l\":{\"a\":\"]\"},\"timezone\":\"Europe/Berlin\",\"elevation\":38.0}");
        assertThat(page.records().get(0).key()).isEqualTo("7:\"berlin11:\"2025-06-01");
        assertThat(page.captured()).containsEntry("$.timezone", "Europe/Berlin");
        assertThat(page.last()).containsEntry("time", "2025-06-02");
    }

    @Test
    void columnsOfSeveralPlacesKeepTheirPosition() {
        RecordReader reader = new RecordReader(
                RecordLayout.of(settings("{path: \"$[*].daily\", as: columns, index: place}"), "place", "time"));
        String one = "{\"daily\":{\"time\":[1,2]}}";
        assertThat(texts(reader.read(bytes("[" + one + "," + one + "]"))))
                .containsExactly(
                        "{\"time\":1,\"place\":0}",
                        "{\"time\":2,\"place\":0}",
                        "{\"time\":1,\"place\":1}",
                        "{\"time\":2,\"place\":1}");
        // A single place comes without the list around it.
        assertThat(texts(reader.read(bytes(one))))
                .containsExactly("{\"time\":1,\"place\":0}", "{\"time\":2,\"place\":0}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"d\":{\"a\":[1,2],\"b\":[1]}} | the column 'b' has 1 values where 'a' has 2",
                "{\"d\":{\"a\":[1,2],\"b\":3}} | the column 'b' of d is not a list",
                "{\"d\":[1]} | d is not an object of columns",
                "{\"e\":1} | there is nothing at d",
                "{\"d\":{\"a\":[1],\"a\":[2]}} | the name 'a' comes twice in one object",
                "[1] | a record is an object, this is a list"
            })
    void columnsThatDoNotFitAreAnError(String answer, String message) {
        RecordReader reader = new RecordReader(RecordLayout.of(settings("{path: d, as: columns}")));
        assertThatThrownBy(() -> reader.read(bytes(answer)))
                .isInstanceOf(RecordDecodeException.class)
                .hasMessage("The answer has another form than expected: " + message);
    }

    @Test
    void aParserOfSomeoneElseReadsTheSame() throws Exception {
        byte[] source = bytes("\uFEFF{\"data\":[{\"id\":\"ü\"},{\"id\":2}]}");
        byte[] large = joined(
                bytes("{\"x\":\""),
                new String(new char[20_000]).replace('\0', 'é').getBytes(UTF_8),
                bytes("\",\"data\":[{\"id\":7}]}"));
        for (byte[] each : List.of(source, large)) {
            try (JsonParser parser = StrictJson.mapper().createParser(new ByteArrayInputStream(each))) {
                parser.nextToken();
                RecordPage page = PLAIN.read(parser, each, Map.of());
                assertThat(texts(page)).isEqualTo(texts(PLAIN.read(each)));
                assertThat(parser.nextToken()).isNull();
            }
        }
    }

    @Test
    void depthIsBounded() {
        String deep = "[".repeat(600) + "]".repeat(600);
        assertThatThrownBy(() -> PLAIN.read(bytes("{\"x\":" + deep + ",\"data\":[]}")))
                .isInstanceOf(RecordDecodeException.class)
                .hasMessageContaining("nesting depth");
    }

    @Test
    void settingsHaveAShortForm() {
        assertThat(settings("$.data")).isEqualTo(RecordsSettings.at("$.data"));
        assertThat(settings("{path: $.data}")).isEqualTo(RecordsSettings.at("$.data"));
        assertThat(settings("{as: columns, with: timezone}").with()).containsEntry("timezone", "timezone");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{as: table} | Unknown form 'as: table', use one of array, object, either, columns, rows, values, single",
                "{with: [a]} | 'with' is for 'as: columns', rows and values only, records of other forms carry their own",
                "{as: columns, with: [$]} | with: '$' is not a field, name one such as timezone",
                "{index: ' '} | index: '' is not a field name, write one such as position",
                "{as: single, index: n} | index: 'n' has no meaning for 'as: single'",
                "$..x | records: '$..x' looks for a name anywhere, say where the records are, such as $.data.items"
            })
    void wrongSettingsSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> settings(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void takesOfANameLookedForAnywhereThePlaceNearestToTheRoot() {
        RecordReader reader = new RecordReader(RecordLayout.of(RecordsSettings.at("$.data.nodes"), "id")
                .taking(List.of("$..info.end", "$..info.more"), List.of()));
        RecordPage page = reader.read("""
                {"data": {"nodes": [{"id": 1, "variants": {"info": {"end": "x", "more": true}}}, {"id": 2}],
                 "info": {"end": "y", "more": false}, "late": {"info": {"end": "z"}}}}
                """.getBytes(UTF_8));
        assertThat(page.captured()).isEqualTo(Map.of("$..info.end", "y", "$..info.more", "false"));
        assertThat(page.records()).hasSize(2);
        RecordPage nested =
                reader.read("{\"data\":{\"nodes\":[{\"id\":1,\"v\":{\"info\":{\"end\":\"x\"}}}]}}".getBytes(UTF_8));
        assertThat(nested.captured()).isEqualTo(Map.of("$..info.end", "x"));
    }

    @Test
    void wrongLayoutsSayWhatWouldBeRight() {
        assertThatThrownBy(() -> reader("$", "id", "$.id")).hasMessage("key: [id, $.id] names a field twice");
        assertThatThrownBy(() -> reader("$", "$")).hasMessage("key: a record is no key, name its fields, such as id");
        assertThatThrownBy(() -> new CursorField(JsonPath.parse("t"), List.of(), ZoneOffset.UTC))
                .hasMessage("cursor t: a format is missing, write format: iso");
    }

    private static RecordsSettings settings(String yaml) {
        return YamlSettings.read(yaml, RecordsSettings.class);
    }

    private static RecordReader reader(String path, String... key) {
        return new RecordReader(RecordLayout.of(RecordsSettings.at(path), key));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String raw(Reject reject) {
        return new String(reject.raw(), UTF_8);
    }

    private static List<String> texts(RecordPage page) {
        return page.records().stream().map(RecordReaderTest::text).toList();
    }

    private static String text(SourceRecord record) {
        return new String(record.bytes(), record.offset(), record.length(), UTF_8);
    }
}
