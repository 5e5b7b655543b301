package dev.caravan.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testkit.YamlSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records that are no list of objects: where they are, and what is made of them. */
class ContainersTest {
    @Test
    void eachValueIsARecord() {
        RecordReader reader =
                reader("{path: $.members, as: values, name: member_id, with: {channel: $.channel.id}}", "member_id");
        RecordPage page = reader.read("""
                {"ok": true, "channel": {"id": "C1"}, "members": ["U1", 2.50, null, {"a": 1}]}""".getBytes(UTF_8));
        assertThat(texts(page))
                .containsExactly(
                        "{\"member_id\":\"U1\",\"channel\":\"C1\"}", "{\"member_id\":2.50,\"channel\":\"C1\"}");
        assertThat(page.records())
                .extracting(SourceRecord::key)
                .first()
                .asString()
                .contains("U1");
        assertThat(page.rejects()).extracting(Reject::position).containsExactly(2, 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"c\":{\"7\":{\"id\":7},\"8\":{\"id\":8}}} | 2",
                "{\"c\":[{\"id\":7},{\"id\":8}]} | 2",
                "{\"c\":[]} | 0",
                "{\"c\":{}} | 0"
            })
    void recordsMayBeAnObjectByIdOrAList(String body, int records) {
        RecordPage page = reader("{path: $.c, as: either}", "id").read(body.getBytes(UTF_8));
        assertThat(page.records())
                .extracting(SourceRecord::key)
                .containsExactlyElementsOf(List.of("7", "8").subList(0, records));
    }

    @Test
    void whatIsNeitherAnObjectNorAListIsRefused() {
        assertThatThrownBy(() -> reader("{path: $.c, as: either}", "id").read("{\"c\":7}".getBytes(UTF_8)))
                .hasMessageContaining("$.c is a number, neither an object nor a list of records");
    }

    @Test
    void rowsKnowTheirPlaceInTheList() {
        RecordPage page = reader("{path: $.values, as: rows, row: _row_number}", "_row_number")
                .read("{\"values\": [[\"id\"], [1], [], [2]]}".getBytes(UTF_8));
        assertThat(texts(page)).containsExactly("{\"id\":1,\"_row_number\":2}", "{\"id\":2,\"_row_number\":4}");
    }

    @Test
    void rowsAreNamedByTheFirst() {
        RecordPage page = reader("{path: $.values, as: rows}", "id").read("""
                {"range": "A1:D5", "values": [["id", "name", ""], ["1", "Ann"], [], ["2", "Bob", 1.10], ["3", "x", "y", "z"]]}""".getBytes(UTF_8));
        assertThat(texts(page))
                .containsExactly(
                        "{\"id\":\"1\",\"name\":\"Ann\"}", "{\"id\":\"2\",\"name\":\"Bob\",\"column_3\":1.10}");
        assertThat(page.rejects())
                .extracting(reject -> new String(reject.raw(), UTF_8))
                .containsExactly("[\"3\", \"x\", \"y\", \"z\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{path: $.rows, as: rows, columns: [id, n]} | {\"rows\":[[1,2],[3]]}",
                "{path: $.rows, as: rows, columns: '$.headers[*].name'} | {\"headers\":[{\"name\":\"id\"},{\"name\":\"n\"}],\"rows\":[[1,2],[3]]}",
                "{path: $.rows, as: rows, columns: $.names} | {\"names\":[\"id\",\"n\"],\"rows\":[[1,2],[3]]}"
            })
    void rowsAreNamedByTheFileOrByTheAnswer(String records, String body) {
        assertThat(texts(reader(records, "id").read(body.getBytes(UTF_8))))
                .containsExactly("{\"id\":1,\"n\":2}", "{\"id\":3}");
    }

    @Test
    void columnsTakeWhatLiesElsewhere() {
        // Klaviyo's metric aggregates: dates for all groups, measurements and dimensions of each.
        RecordReader reader = reader(
                "{path: '$.data.attributes.data[*].measurements', as: columns,"
                        + " with: {date: $.data.attributes.dates, dimensions: dimensions}}",
                "date",
                "dimensions[0]");
        RecordPage page = reader.read("""
                {"data": {"attributes": {"dates": ["d1", "d2"], "data": [
                  {"dimensions": ["email"], "measurements": {"count": [1, 2], "sum": [1.10, 0]}},
                  {"dimensions": ["sms"], "measurements": {"count": [3, 4], "sum": [5, 6]}}]}}}""".getBytes(UTF_8));
        assertThat(texts(page))
                .containsExactly(
                        "{\"count\":1,\"sum\":1.10,\"date\":\"d1\",\"dimensions\":[\"email\"]}",
                        "{\"count\":2,\"sum\":0,\"date\":\"d2\",\"dimensions\":[\"email\"]}",
                        "{\"count\":3,\"sum\":5,\"date\":\"d1\",\"dimensions\":[\"sms\"]}",
                        "{\"count\":4,\"sum\":6,\"date\":\"d2\",\"dimensions\":[\"sms\"]}");
        assertThatThrownBy(() -> reader.read("""
                {"data": {"attributes": {"dates": ["d1"], "data": [{"measurements": {"count": [1, 2]}}]}}}""".getBytes(UTF_8)))
                .hasMessageContaining("'date' has 1 values where there are 2 rows");
    }

    @Test
    void anInnerMapMovesToTheTop() {
        RecordReader reader = reader("{path: $.data, lift: attributes}", "id", "email");
        RecordPage page = reader.read("""
                {"data": [
                  {"type": "profile", "id": "1", "attributes": {"email": "a@x", "id": 7, "n": 1.10}, "links": {}},
                  {"id": "2", "attributes": {"email": NaN}},
                  {"id": "3", "attributes": {}},
                  {"id": "4", "attributes": "none"},
                  {"id": "5", "email": "e@x"}],
                 "links": {"next": "n"}}""".getBytes(UTF_8));
        assertThat(texts(page))
                .containsExactly(
                        "{\"type\":\"profile\",\"id\":\"1\",\"email\":\"a@x\",\"attributes_id\":7,\"n\":1.10,\"links\":{}}",
                        "{\"id\":\"5\",\"email\":\"e@x\"}");
        assertThat(page.captured()).containsEntry("$.links.next", "n");
        assertThat(page.rejects())
                .extracting(reject -> reject.position() + " " + reject.reason())
                .containsExactly(
                        "1 it is not JSON: Non-standard token 'NaN'",
                        "2 the key field 'email' is missing",
                        "3 the field 'attributes' to lift is no object");
        assertThat(new String(page.rejects().get(1).raw(), UTF_8)).isEqualTo("{\"id\": \"3\", \"attributes\": {}}");
        assertThat(texts(reader.readOne("{\"id\":\"3\",\"attributes\":{\"email\":1}}".getBytes(UTF_8), Map.of(), null)))
                .containsExactly("{\"id\":\"3\",\"email\":1}");
    }

    @Test
    void recordsMayLieAtSeveralPlaces() {
        RecordReader reader = reader("[$.created, $.page.changed]", "id");
        assertThat(texts(reader.read("{\"page\":{\"changed\":[{\"id\":3}]},\"x\":1,\"created\":[{\"id\":1},{\"id\":2}]}"
                        .getBytes(UTF_8))))
                .containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
        assertThatThrownBy(() -> reader.read("{\"created\":[{\"id\":1}]}".getBytes(UTF_8)))
                .hasMessageContaining("there is nothing at $.page.changed");
        assertThat(texts(reader("{path: [$.created, $.changed], optional: true}", "id")
                        .read("{\"created\":[{\"id\":1}]}".getBytes(UTF_8))))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{path: $.a, as: values} | 'as: values' and 'name' belong together, write {path: $.members, as: values, name: member_id}",
                "{path: $.a, name: x} | 'as: values' and 'name' belong together, write {path: $.members, as: values, name: member_id}",
                "{path: $.a, row: n} | row: 'n' names the field for the place of a row of 'as: rows', this is array",
                "{path: $.a, columns: [x]} | 'columns' names those of 'as: rows', this is array",
                "{path: $.a, as: rows, columns: [x, x]} | columns: [x, x] is empty or has a name twice",
                "{path: $.a, as: rows, lift: x} | lift: 'x' is for records that are objects of the answer, not for 'as: rows'",
                "{path: [$.a, $.a]} | records: [$.a, $.a] is empty or has a path twice",
                "{path: [$.a, $.b], as: object} | records: several paths are for lists within the answer, not for 'as: object'",
                "{path: $.a, with: [x]} | 'with' is for 'as: columns', rows and values only, records of other forms carry their own",
                "{path: $.a, as: columns, with: {x: $}} | with: '$' is not a field, name one such as timezone, or {date: $.data.dates}",
                "{path: $.a, as: table} | Unknown form 'as: table', use one of array, object, either, columns, rows, values, single"
            })
    void wrongSettingsSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, RecordsSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static RecordReader reader(String records, String... key) {
        return new RecordReader(RecordLayout.of(YamlSettings.read(records, RecordsSettings.class), key)
                .taking(List.of("$.links.next"), List.of()));
    }

    private static List<String> texts(RecordPage page) {
        return page.records().stream()
                .map(record -> new String(record.bytes(), record.offset(), record.length(), UTF_8))
                .toList();
    }
}
