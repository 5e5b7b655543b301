package dev.caravan.record.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordPage;
import dev.caravan.record.RecordRules;
import dev.caravan.record.RecordsSettings;
import dev.caravan.record.Reject;
import dev.caravan.testkit.YamlSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static final int MOST = 1 << 22;

    @Test
    void csvWithAllItsOddities() {
        String csv = String.join(
                "\r\n",
                "\ufeffid,name,\"note, long\",",
                "1,Ann,\"says \"\"hi\"\",\nand goes\",",
                "",
                "007,Bö 😀,,x",
                "3, spaced ,5\" pipe,");
        assertThat(texts(read("csv", csv)))
                .containsExactly(
                        "{\"id\":\"1\",\"name\":\"Ann\",\"note, long\":\"says \\\"hi\\\",\\nand goes\",\"column_4\":\"\"}",
                        "{\"id\":\"007\",\"name\":\"Bö 😀\",\"note, long\":\"\",\"column_4\":\"x\"}",
                        "{\"id\":\"3\",\"name\":\" spaced \",\"note, long\":\"5\\\" pipe\",\"column_4\":\"\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{as: csv, separator: ';'} | id;a~1;x | {\"id\":\"1\",\"a\":\"x\"}",
                "{as: csv, separator: \"\\t\"} | id\ta~1\tx | {\"id\":\"1\",\"a\":\"x\"}",
                "{as: csv, separator: '~~'} | id | ",
                "{as: csv, quote: \"'\"} | id,a~1,'x,y' | {\"id\":\"1\",\"a\":\"x,y\"}",
                "{as: csv, quote: ''} | id,a~1,\"x | {\"id\":\"1\",\"a\":\"\\\"x\"}",
                "{as: csv, escape: \"\\\\\"} | id,a~1,\"x\\\"y\" | {\"id\":\"1\",\"a\":\"x\\\"y\"}",
                "{as: csv, columns: [id, a]} | 1,x | {\"id\":\"1\",\"a\":\"x\"}",
                "{as: csv, skip: 2} | Report~of today~id,a~1,x | {\"id\":\"1\",\"a\":\"x\"}",
                "{as: csv, empty: \"null\"} | id,a~1, | {\"id\":\"1\",\"a\":null}",
                "{as: csv, empty: omit} | id,a~1, | {\"id\":\"1\"}",
                "{as: csv, ragged: fill} | id,a,b~1,x | {\"id\":\"1\",\"a\":\"x\",\"b\":\"\"}",
                "{as: csv, types: {a: number, b: integer, c: boolean}} | id,a,b,c~1,1.10,9007199254740993,TRUE"
                        + " | {\"id\":\"1\",\"a\":1.10,\"b\":9007199254740993,\"c\":true}",
                "{as: csv, types: {a: number}} | id,a~1, | {\"id\":\"1\",\"a\":null}"
            })
    void csvAsTheFileSays(String decode, String csv, @Nullable String expected) {
        assertThat(texts(read(decode, csv.replace('~', '\n'))))
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @Test
    void aBadRowIsRejectedByItselfWithItsPlaceAndText() {
        RecordPage page = read("{as: csv, types: {a: number}}", "id,a\n1,1\n2,2,3\n3,\"x\ny\"\n,4\n5\n6,6\n");
        assertThat(texts(page))
                .containsExactly("{\"id\":\"1\",\"a\":1}", "{\"id\":\"\",\"a\":4}", "{\"id\":\"6\",\"a\":6}");
        assertThat(page.rejects())
                .extracting(
                        reject -> reject.position() + " " + reject.reason() + ": " + new String(reject.raw(), UTF_8))
                .containsExactly(
                        "1 it has 3 cells where there are 2 columns: 2,2,3",
                        "2 the column 'a' is not a number: 3,\"x\ny\"",
                        "4 it has 1 cells where there are 2 columns: 5");
    }

    @Test
    void aRowWithoutItsKeyIsRejectedAsTheRecordItWouldHaveBeen() {
        RecordPage page = read("{as: csv, empty: omit}", "id,a\n1,1\n1,2,3\n,4\n5,5\n");
        assertThat(page.rejects()).extracting(Reject::position).containsExactly(1, 2);
        assertThat(new String(page.rejects().get(1).raw(), UTF_8)).isEqualTo("{\"a\":\"4\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id,a~1,\"cut of | RETRY",
                "id,a~1,\"x\"y | RETRY",
                "id,id~1,2 | STOP",
                "{\"error\":\"x\"} | STOP",
                "[{\"id\":1}] | STOP"
            })
    void csvThatIsNone(String body, Remedy remedy) {
        assertRefused("csv", body.replace('~', '\n').getBytes(UTF_8), null, remedy);
    }

    @Test
    void otherTypesAreNotTakenForRows() {
        assertRefused("csv", "{}".getBytes(UTF_8), "application/json; charset=utf-8", Remedy.STOP);
        assertRefused("csv", "<p>no</p>".getBytes(UTF_8), "text/html", Remedy.STOP);
        assertRefused("xml", "{\"error\":1}".getBytes(UTF_8), "application/problem+json", Remedy.STOP);
        assertThat(texts(read("csv", "id\n1\n".getBytes(UTF_8), "application/octet-stream")))
                .hasSize(1);
    }

    @Test
    void bytesThatAreNoTextSpoilTheirRowOnly() {
        RecordPage page = read("csv", "id,a\n1,x\n2,Mün\n3,y\n".getBytes(ISO_8859_1), null);
        assertThat(texts(page)).hasSize(2);
        assertThat(page.rejects()).extracting(Reject::reason).first().asString().contains("'encoding'");
        assertThat(texts(read("csv", "id,a\n2,Mün\n".getBytes(ISO_8859_1), "text/csv; charset=ISO-8859-1")))
                .containsExactly("{\"id\":\"2\",\"a\":\"Mün\"}");
        assertThat(texts(read(
                        "{as: csv, encoding: windows-1252}",
                        "id,a\n2,5 €\n".getBytes(Charset.forName("windows-1252")),
                        null)))
                .containsExactly("{\"id\":\"2\",\"a\":\"5 €\"}");
    }

    @Test
    void jsonInOtherEncodings() {
        String json = "[{\"id\":\"ü😀\"}]";
        for (Charset each :
                List.of(UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32"), Charset.forName("UTF-32LE"))) {
            assertThat(texts(read("json", json.getBytes(each), null)))
                    .as(each.name())
                    .containsExactly("{\"id\":\"ü😀\"}");
        }
        byte[] latin = "[{\"id\":1,\"a\":\"ü\"}]".getBytes(ISO_8859_1);
        assertThat(texts(read("json", latin, "application/json; charset=\"iso-8859-1\"")))
                .containsExactly("{\"id\":1,\"a\":\"ü\"}");
        // Without a word on it, the record is rejected as ever; and what is UTF-8 stays so, whatever it is called.
        assertThat(read("json", latin, "application/json").rejects()).hasSize(1);
        assertThat(texts(read("json", json.getBytes(UTF_8), "application/json; charset=iso-8859-1")))
                .containsExactly("{\"id\":\"ü😀\"}");
        assertThat(texts(read("json", json.getBytes(UTF_8), "application/json; charset=nonsense")))
                .hasSize(1);
        assertRefused("{encoding: utf-16be}", "[1]x".getBytes(UTF_8), null, Remedy.RETRY);
    }

    @Test
    void jsonIsNotCopied() {
        byte[] body = "[{\"id\":\"1\"}]".getBytes(UTF_8);
        assertThat(read("json", body, "application/json; charset=utf-8")
                        .records()
                        .get(0)
                        .bytes())
                .isSameAs(body);
    }

    @Test
    void jsonLines() {
        RecordPage page = read("json-lines", "\ufeff{\"id\":1.10}\r\n\n {\"id\":NaN}\n{\"id\":2}\n[3]\n{\"id\":4}");
        assertThat(texts(page)).containsExactly("{\"id\":1.10}", "{\"id\":2}", "{\"id\":4}");
        assertThat(page.rejects())
                .extracting(reject -> reject.position() + ": " + new String(reject.raw(), UTF_8))
                .containsExactly("1:  {\"id\":NaN}", "3: [3]");
        assertThat(page.last()).containsEntry("id", "4");
        assertRefused("json-lines", "{\"id\":1}\n{\"id\":".getBytes(UTF_8), null, Remedy.RETRY);
        assertRefused("json-lines", "{\n  \"error\": 1\n}\n".getBytes(UTF_8), null, Remedy.RETRY);
        assertThat(read("json-lines", "\n").size()).isZero();
    }

    @Test
    void xml() {
        String xml = """
                <?xml version="1.0" encoding="ISO-8859-1"?>
                <!-- hello -->
                <ns:feed xmlns:ns="urn:x" count="2">
                  <entry id="1"><title lang="de">Mün &amp; &#x263A;</title><tag>a</tag><tag>b</tag><price>1.10</price><none/>
                    <note><![CDATA[<b>]]></note></entry>
                  <entry id="2"><tag>c</tag><price> 2 </price></entry>
                </ns:feed>""";
        RecordPage page = read(
                "{as: xml, lists: tag, types: {price: number}, empty: \"null\"}",
                xml.getBytes(ISO_8859_1),
                null,
                "$.feed.entry",
                "@id");
        assertThat(texts(page))
                .containsExactly(
                        "{\"@id\":\"1\",\"title\":{\"@lang\":\"de\",\"#text\":\"Mün & ☺\"},\"tag\":[\"a\",\"b\"],\"price\":1.10,"
                                + "\"none\":null,\"note\":\"<b>\"}",
                        "{\"@id\":\"2\",\"tag\":[\"c\"],\"price\":2}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<feed/>", "<feed></feed>", "<feed count='0'/>"})
    void anElementWithoutRecordsHasNone(String xml) {
        assertThat(read("xml", xml.getBytes(UTF_8), null, "$.feed.entry", "id").size())
                .isZero();
    }

    @Test
    void oneElementIsAListOfOne() {
        assertThat(texts(read(
                        "xml", "<feed><entry><id>1</id></entry></feed>".getBytes(UTF_8), null, "$.feed.entry", "id")))
                .containsExactly("{\"id\":\"1\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><feed><entry>&x;</entry></feed> | STOP",
                "<!DOCTYPE a [<!ENTITY x 'xx'>]><feed><entry>&x;</entry></feed> | STOP",
                "<feed><entry>&x;</entry></feed> | RETRY",
                "<feed><entry> | RETRY",
                "<feed/><feed/> | RETRY",
                "<other/> | STOP",
                "no xml | RETRY"
            })
    void xmlThatIsNoneOrHidesSomething(String xml, Remedy remedy) {
        assertThatThrownBy(() -> read("xml", xml.getBytes(UTF_8), null, "$.feed.entry", "id"))
                .isInstanceOfSatisfying(RecordDecodeException.class, refused -> assertThat(refused.remedy())
                        .isEqualTo(remedy));
    }

    @Test
    void deepXmlIsRefused() {
        String xml = "<a>".repeat(600) + "</a>".repeat(600);
        assertRefused("xml", xml.getBytes(UTF_8), null, Remedy.STOP);
    }

    @Test
    void filesOfAZip() {
        byte[] zip = zip(
                "a/one.csv", "id\n1\n", "two.csv", "id,x\n2,2\n3\n", "readme.txt", "hello", "__MACOSX/one.csv", "?");
        RecordPage page = read(
                "{as: csv, entries: '*.csv'}",
                zip("b.csv", "id\n1\n", "c.csv", "id,x\n2,2\n3\n4,4\n", "r.txt", "x"),
                null);
        assertThat(texts(page))
                .containsExactly("{\"id\":\"1\"}", "{\"id\":\"2\",\"x\":\"2\"}", "{\"id\":\"4\",\"x\":\"4\"}");
        assertThat(page.rejects()).extracting(Reject::position).containsExactly(2);
        assertThat(texts(read("{as: csv, entries: 'a/*'}", zip, null))).containsExactly("{\"id\":\"1\"}");
        assertThat(texts(read("json", zip("a.json", "[{\"id\":1}]", "b.json", "[{\"id\":2}]"), null)))
                .hasSize(2);
        assertThat(texts(read("csv", zip("a.csv.gz", new String(gzip("id\n7\n"), ISO_8859_1)), null)))
                .containsExactly("{\"id\":\"7\"}");
        assertRefused("{as: csv, entries: '*.tsv'}", zip, null, Remedy.STOP);
    }

    @Test
    void damagedZipsAndBombs() {
        byte[] zip = zip("a.csv", "id\n1\n", "b.csv", "id\n2\n");
        for (int length : List.of(zip.length - 1, zip.length - 30, zip.length / 2, 40)) {
            assertRefused("csv", Arrays.copyOf(zip, length), null, Remedy.RETRY);
        }
        byte[] damaged = zip.clone();
        damaged[45] ^= 0x55;
        assertRefused("csv", damaged, null, Remedy.RETRY);
        assertRefused("csv", zip("a.csv", "id\n" + "0".repeat(MOST)), null, Remedy.STOP);
        String[] many = new String[2_002];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = i + ".csv";
            many[i + 1] = "id\n";
        }
        assertRefused("csv", zip(many), null, Remedy.STOP);
    }

    @Test
    void whatIsMadeTakesRoom() {
        List<Long> taken = new ArrayList<>();
        decoder("csv", "$", "id").read("id\n1\n".getBytes(UTF_8), null, Map.of(), taken::add);
        assertThat(taken).containsExactly((long) "[{\"id\":\"1\"}]".length());
        taken.clear();
        decoder("json", "$", "id").read("[{\"id\":1}]".getBytes(UTF_8), null, Map.of(), taken::add);
        assertThat(taken).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "xlsx | Unknown 'as: xlsx', use one of json, json-lines, csv, xml",
                "{as: xml, separator: ';'} | decode: separator, quote, escape, columns, skip and ragged are for 'as: csv', this is xml",
                "{as: json, types: {a: number}} | decode: types and empty are for csv and xml, json has its own",
                "{as: csv, types: {a: date}} | Unknown type 'date', use text, integer, number or boolean",
                "{as: csv, lists: [a]} | decode: lists are for 'as: xml', this is csv",
                "{as: csv, quote: '##'} | decode: quote '##' is more than one character",
                "{as: csv, separator: '\"'} | decode: separator '\"' is also quote or escape",
                "{as: csv, encoding: latin-9000} | decode: encoding 'latin-9000' is unknown, write one such as utf-8 or windows-1252",
                "{as: csv, ragged: ignore} | Unknown 'ragged: ignore', use reject or fill",
                "{as: csv, empty: nothing} | Unknown 'empty: nothing', use text, \"null\" or omit",
                "{as: csv, columns: [a, a]} | decode: columns [a, a] has a name twice, or an empty one",
                "{as: csv, skip: -1} | decode: skip is -1, use 0 to 1000"
            })
    void wrongSettingsSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, DecodeSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertRefused(String decode, byte[] body, @Nullable String type, Remedy remedy) {
        assertThatThrownBy(() -> read(decode, body, type))
                .isInstanceOfSatisfying(PullException.class, refused -> assertThat(refused.remedy())
                        .isEqualTo(remedy));
    }

    private static Decoder decoder(String decode, String records, String key) {
        RecordLayout layout = RecordLayout.of(RecordsSettings.at(records), key).taking(List.of(), List.of("id"));
        return new Decoder(YamlSettings.read(decode, DecodeSettings.class), layout, RecordRules.NONE, MOST);
    }

    private static RecordPage read(String decode, String body) {
        return read(decode, body.getBytes(UTF_8), null);
    }

    private static RecordPage read(String decode, byte[] body, @Nullable String type) {
        return read(decode, body, type, "$", "id");
    }

    private static RecordPage read(String decode, byte[] body, @Nullable String type, String records, String key) {
        return decoder(decode, records, key).read(body, type, Map.of(), bytes -> {});
    }

    private static List<String> texts(RecordPage page) {
        return page.records().stream()
                .map(record -> new String(record.bytes(), record.offset(), record.length(), UTF_8))
                .toList();
    }

    /** @param files names and contents in turn; contents are bytes if they are Latin-1 */
    private static byte[] zip(String... files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < files.length; i += 2) {
                zip.putNextEntry(new ZipEntry(files[i]));
                zip.write(files[i + 1].getBytes(ISO_8859_1));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
