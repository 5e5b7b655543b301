package dev.caravan.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is declared in {@code src/docs/exact-data.md} for each odd input, at the place where records are cut. */
class ExactDataTest {
    private static final RecordReader READER = reader(RecordRules.NONE);
    private static final RecordRules SMALL = new RecordRules(1_000, null);

    @ParameterizedTest
    @MethodSource("unusualButRight")
    void whatIsJsonComesOutByteForByte(String value) {
        RecordPage page = READER.read(page("{\"id\":1}", "{\"id\":2,\"x\":" + value + "}", "{\"id\":3}"));
        assertThat(page.rejects()).isEmpty();
        assertThat(texts(page)).containsExactly("{\"id\":1}", "{\"id\":2,\"x\":" + value + "}", "{\"id\":3}");
    }

    static List<String> unusualButRight() {
        return List.of(
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775809",
                "12345678901234567890123456789012345678",
                "0.12345678901234567890123456789012345678",
                "1.10",
                "1E+2",
                "1e400",
                "1e-400",
                "1e99999999999999999999",
                "-0",
                "-0.0",
                "1".repeat(1_000),
                "{\"Id\":1,\"id\":2,\"ID\":3}",
                "\"\"",
                "\"\\u0000\"",
                "\"\\ud83d\\ude00 😀 e\u0301 \ufeff \u2028 \u2029 \u200d\"",
                "\"\\/\\b\\f\\n\\r\\t\"",
                "\"" + "s".repeat(21 * 1024 * 1024) + "\"",
                "{\"" + "n".repeat(16_000) + "\":1}",
                "[".repeat(400) + "]".repeat(400));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NaN | it is not JSON: Non-standard token 'NaN'",
                "[-Infinity] | it is not JSON: Non-standard token '-Infinity'",
                "Infinity | it is not JSON: Non-standard token 'Infinity'",
                "007 | it is not JSON: Invalid numeric value: Leading zeroes not allowed",
                "+1 | it is not JSON: Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs",
                ".5 | it is not JSON: Unexpected character ('.' (code 46))",
                "1. | it is not JSON: Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit",
                "[1,] | it is not JSON: Unexpected character (']' (code 93))",
                "\"\\x\" | it is not JSON: Unrecognized character escape 'x' (code 120)",
                "{\"a\":1,\"\\u0061\":2} | the name 'a' comes twice in one object",
                "\"\\ud800\" | a text holds half a character, an escape of \\ud800 to \\udfff without its other half",
                "{\"\\udc00\\ud800\":0} | a text holds half a character, an escape of \\ud800 to \\udfff without its other half"
            })
    void oneBadRecordIsRejectedAndTheOthersAreNot(String value, String reason) {
        assertRejected(("{\"id\":2,\"x\":" + value + "}").getBytes(UTF_8), reason);
    }

    @Test
    void whatIsBeyondTheBoundsIsRejectedAlone() {
        for (String value : List.of(
                "1".repeat(1_001),
                "0." + "1".repeat(1_001),
                "{\"" + "n".repeat(17_000) + "\":1}",
                "[".repeat(600) + "]".repeat(600),
                "[".repeat(10_000) + "]".repeat(10_000),
                "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000))) {
            assertRejected(
                    ("{\"id\":2,\"x\":" + value + "}").getBytes(UTF_8),
                    "it goes beyond a bound: 500 levels, names of 16,384 bytes, numbers of 1,000 digits");
        }
        String bottomless = "[".repeat(200_000) + "]".repeat(200_000);
        assertThatThrownBy(() -> READER.read(page("{\"id\":1}", bottomless)))
                .isInstanceOf(RecordDecodeException.class)
                .hasMessageContaining("nesting depth");
    }

    @ParameterizedTest
    @MethodSource("notUtf8")
    void bytesThatAreNotUtf8RejectTheRecordTheyAreIn(byte[] wrong) {
        assertRejected(joined("{\"id\":2,\"é\":\"".getBytes(UTF_8), wrong, "\"}".getBytes(UTF_8)), Flaws.NOT_UTF_8);
        assertRejected(joined("{\"id\":2,\"".getBytes(UTF_8), wrong, "\":1}".getBytes(UTF_8)), Flaws.NOT_UTF_8);
        assertRejected(joined("{\"id\":\"".getBytes(UTF_8), wrong, "\"}".getBytes(UTF_8)), Flaws.NOT_UTF_8);
        // Beside the records they may be anything, a token among it.
        int at = 27 + Flaws.in(wrong).firstWrong();
        byte[] beside = joined("{\"data\":[{\"id\":1}],\"next\":\"".getBytes(UTF_8), wrong, "\"}".getBytes(UTF_8));
        assertThatThrownBy(() -> READER.read(beside))
                .hasMessage("The answer is not one whole JSON document: byte " + at + " is not UTF-8")
                .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.RETRY));
    }

    static List<byte[]> notUtf8() {
        return List.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0xc0, (byte) 0x80},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xe2, (byte) 0x82},
                new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0x80},
                "Müller".getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 13, 31})
    void controlCharactersWithinATextRejectTheirRecord(int character) {
        assertRejected(
                ("{\"id\":2,\"x\":\"a" + (char) character + "b\"}").getBytes(UTF_8),
                "it is not JSON: Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value"
                        .formatted(character));
    }

    @Test
    void aNulBetweenTokensRefusesTheAnswer() {
        assertThatThrownBy(() -> READER.read(page("{\"id\":1}", "{\"id\":2,\0\"x\":1}")))
                .isInstanceOf(RecordDecodeException.class)
                .hasMessageContaining("CTRL-CHAR, code 0");
    }

    @Test
    void aLargeRecordIsRejectedAlone() {
        String large = "{\"id\":2,\"x\":\"" + "s".repeat(986) + "\"}";
        assertThat(large).hasSize(1_001);
        RecordPage page = reader(SMALL).read(page("{\"id\":1}", large));
        assertThat(page.rejects())
                .extracting(Reject::reason)
                .containsOnly("it is larger than caravan.max-record, 1,000 bytes");
        assertThat(page.rejects().get(0).raw()).isEqualTo(large.getBytes(UTF_8));
        String allowed = large.replace("\"ss", "\"s");
        assertThat(texts(reader(SMALL).read(page(allowed)))).containsExactly(allowed);
    }

    @Test
    void aByteOrderMarkAtTheBeginningIsPassed() {
        byte[] marked = joined("\ufeff".getBytes(UTF_8), page("{\"id\":1}"));
        assertThat(texts(READER.read(marked))).containsExactly("{\"id\":1}");
        // Also where the answer must be looked at twice.
        byte[] withReject = joined("\ufeff".getBytes(UTF_8), page("{\"id\":1}", "{\"id\":NaN}"));
        assertThat(texts(READER.read(withReject))).containsExactly("{\"id\":1}");
    }

    @Test
    void otherEncodingsRefuseTheAnswer() {
        String text = "{\"data\":[]}";
        List<byte[]> foreign = new ArrayList<>();
        for (Charset encoding : List.of(UTF_16BE, UTF_16LE, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE"))) {
            foreign.add(text.getBytes(encoding));
            foreign.add(("\ufeff" + text).getBytes(encoding));
        }
        for (byte[] each : foreign) {
            assertThatThrownBy(() -> READER.read(each))
                    .hasMessage("The answer is not one whole JSON document: it is UTF-16 or UTF-32, JSON is UTF-8")
                    .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.RETRY));
        }
    }

    @Test
    void aFaultBesideTheRecordsRefusesTheAnswerEvenIfOneIsBadToo() {
        for (String answer : List.of(
                "{\"data\":[{\"id\":NaN}],\"took\":NaN}",
                "{\"data\":[{\"id\":NaN},]}",
                "{\"data\":[{\"id\":NaN}]} x",
                "{\"data\":[{\"id\":NaN}]}{}",
                "{\"data\":[{\"id\":NaN}",
                "{\"data\":[{\"id\":NaN}],\"a\":1,\"a\":2}")) {
            assertThatThrownBy(() -> READER.read(answer.getBytes(UTF_8)))
                    .as(answer)
                    .isInstanceOf(RecordDecodeException.class)
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void aTokenThatIsNoTextIsNotAskedWith() {
        RecordReader last = new RecordReader(
                RecordLayout.of(RecordsSettings.at("$.data"), "id").taking(List.of("$.next"), List.of("token")));
        assertThat(last.read(page("{\"id\":1,\"token\":\"a\"}", "{\"id\":NaN,\"token\":\"b\"}"))
                        .last())
                .containsEntry("token", "b");
        for (String record : List.of("{\"id\":2,\"token\":\"\\ud800\"}", "{\"id\":2,\"token\":NaN}")) {
            assertThatThrownBy(() -> last.read(page("{\"id\":1,\"token\":\"a\"}", record)))
                    .isInstanceOf(RecordDecodeException.class);
        }
        assertThatThrownBy(() -> last.read("{\"data\":[],\"next\":\"\\ud800\"}".getBytes(UTF_8)))
                .hasMessageContaining("$.next", "half a character");
    }

    @Test
    void ofColumnsOneRowIsRejectedOrTheWholeAnswerIsRefused() {
        RecordReader columns = new RecordReader(RecordLayout.of(
                RecordsSettings.at(
                        List.of(dev.caravan.json.JsonPath.parse("$.daily")),
                        RecordsSettings.Shape.COLUMNS,
                        false,
                        null),
                "time"));
        RecordPage page = columns.read("{\"daily\":{\"time\":[1,2,3],\"x\":[\"a\",\"\\ud800\",1.10]}}".getBytes(UTF_8));
        assertThat(texts(page)).containsExactly("{\"time\":1,\"x\":\"a\"}", "{\"time\":3,\"x\":1.10}");
        assertThat(page.rejects()).extracting(Reject::reason).containsExactly(Flaws.HALF_A_CHARACTER);
        assertThatThrownBy(() -> columns.read("{\"daily\":{\"time\":[1,2],\"x\":[NaN,1]}}".getBytes(UTF_8)))
                .hasMessageContaining("Non-standard token 'NaN'");
        assertThatThrownBy(() -> columns.read("{\"daily\":{\"time\":[\"ü\"]}}".getBytes(ISO_8859_1)))
                .hasMessageContaining("is not UTF-8");
    }

    /** Whatever is done to one record, the others come out as they went in and its bytes are kept. */
    @Test
    void noDamageToOneRecordLosesAnother() {
        Random random = new Random(11);
        int rejected = 0;
        for (int i = 0; i < 3_000; i++) {
            RandomJson json = new RandomJson(random);
            byte[] first = json.object(3).getBytes(UTF_8);
            byte[] damaged = json.object(3).getBytes(UTF_8);
            byte[] third = json.object(3).getBytes(UTF_8);
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            byte[] whole = joined(
                    "[".getBytes(UTF_8),
                    first,
                    ",".getBytes(UTF_8),
                    damaged,
                    ",".getBytes(UTF_8),
                    third,
                    "]".getBytes(UTF_8));
            RecordPage page;
            try {
                page = KEYLESS.read(whole);
            } catch (RecordDecodeException e) {
                continue; // refused whole: asked for again, nothing taken
            }
            ByteArrayOutputStream seen = new ByteArrayOutputStream();
            page.rejects().forEach(reject -> seen.writeBytes(reject.raw()));
            if (page.size() != 3) {
                continue; // what was damaged is JSON again, of another number of records
            }
            rejected += page.rejects().size();
            assertThat(texts(page)).contains(compact(first)).contains(compact(third));
            if (!page.rejects().isEmpty()) {
                assertThat(seen.toByteArray()).isEqualTo(damaged);
            }
        }
        assertThat(rejected).isGreaterThan(100);
    }

    @Test
    void aRejectedRecordCanBeReadAgainByItself() {
        RecordReader byName = new RecordReader(RecordLayout.of(
                RecordsSettings.at(
                        List.of(dev.caravan.json.JsonPath.parse("$.users")),
                        RecordsSettings.Shape.OBJECT,
                        false,
                        "uid"),
                "uid",
                "owner"));
        Reject reject = byName.read("{\"users\":{\"u1\":{\"a\":1.10}}}".getBytes(UTF_8), Map.of())
                .rejects()
                .get(0);
        assertThat(reject.reason()).isEqualTo("the key field 'owner' is missing");

        RecordPage again = byName.readOne(reject.raw(), Map.of("owner", "acme"), reject.index());

        assertThat(texts(again)).containsExactly("{\"a\":1.10,\"uid\":\"u1\"}");
        assertThat(again.records().get(0).key()).isEqualTo("3:\"u15:\"acme");
        assertThat(byName.readOne(reject.raw(), Map.of(), reject.index()).rejects())
                .extracting(Reject::reason, Reject::index)
                .containsExactly(tuple("the key field 'owner' is missing", "u1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":NaN} | it is not JSON: Non-standard token 'NaN'",
                "{\"id\":1},{\"id\":2} | it is not one record",
                "[{\"id\":1}] | a record is an object, this is a list",
                "{\"id\":1 | it cannot be told where the record ends",
                "1],[2 | it cannot be told where the record ends"
            })
    void whatIsStillBadStaysRejected(String raw, String reason) {
        RecordPage page = READER.readOne(raw.getBytes(UTF_8), Map.of(), null);
        assertThat(page.records()).isEmpty();
        assertThat(page.rejects())
                .extracting(Reject::reason, each -> new String(each.raw(), UTF_8))
                .containsExactly(tuple(reason, raw));
    }

    private static final RecordReader KEYLESS = new RecordReader(RecordLayout.of(RecordsSettings.at("$")));

    private static void assertRejected(byte[] record, String reason) {
        byte[] answer =
                joined("{\"data\":[{\"id\":1},".getBytes(UTF_8), record, ",{\"id\":3,\"x\":1.10}]}".getBytes(UTF_8));
        RecordPage page = READER.read(answer);
        assertThat(texts(page)).containsExactly("{\"id\":1}", "{\"id\":3,\"x\":1.10}");
        assertThat(page.rejects()).extracting(Reject::position, Reject::reason).containsExactly(tuple(1, reason));
        assertThat(page.rejects().get(0).raw()).isEqualTo(record);
    }

    private static RecordReader reader(RecordRules rules) {
        return new RecordReader(RecordLayout.of(RecordsSettings.at("$.data"), "id"), rules);
    }

    private static byte[] page(String... records) {
        return ("{\"data\":[" + String.join(",", records) + "]}").getBytes(UTF_8);
    }

    private static String compact(byte[] record) {
        String text = new String(record, UTF_8);
        return text.contains("\n") || text.contains("\r")
                ? new String(Compaction.compact(record, 0, record.length), UTF_8)
                : text;
    }

    private static List<String> texts(RecordPage page) {
        return page.records().stream()
                .map(record -> new String(record.bytes(), record.offset(), record.length(), UTF_8))
                .toList();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
