package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.json.JsonPath;
import dev.caravan.testkit.YamlSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionSettingsTest {
    @Test
    void listsPartitionsOfOneFieldOrMore() {
        assertThat(read("{of: owner/repo, values: 'a/b, a/c,'}").listed())
                .extracting(Partition::fields)
                .containsExactly(Map.of("owner", "a", "repo", "b"), Map.of("owner", "a", "repo", "c"));
        assertThat(read("{of: shop, values: [north, south, north]}").listed()).hasSize(2);
    }

    @Test
    void combinesEachValueWithEach() {
        PartitionSettings product =
                read("{product: {channel: [email, sms], archived: [true, false], region: 'eu, us'}}");
        assertThat(product.listed())
                .hasSize(8)
                .extracting(Partition::id)
                .startsWith("archived=true&channel=email&region=eu", "archived=true&channel=email&region=us");
        assertThat(product.fields()).containsExactly("channel", "archived", "region");
        assertThat(product.expressions()).containsExactly("channel", "archived", "region");
    }

    @Test
    void takesTheRecordsOfAnotherStream() {
        PartitionSettings parent = read(
                "{stream: slack-messages, take: {channel_id: channel_id, parent_ts: ts}, where: $.reply_count > 0, rows: changed}");
        assertThat(parent.listed()).isEmpty();
        assertThat(parent.fields()).containsExactly("channel_id", "parent_ts");
        assertThat(parent.isOnce()).isTrue();
        assertThat(parent.identity()).isEqualTo("stream slack-messages {channel_id=channel_id, parent_ts=ts} CHANGED");
        assertThat(read("{stream: a-b, take: {id: id}, group: 50}").expressions())
                .containsExactly("group", "group.id");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | partitions have one of three forms",
                "{of: shop, values: 'a', product: {b: [c]}} | partitions have one of three forms",
                "{of: shop, values: 'a', where: $.b} | partitions have one of three forms",
                "{of: shop} | partitions need 'of' and 'values'",
                "{of: shop, values: ' , '} | 'values' is empty",
                "{of: owner/repo, values: 'a'} | partition 'a' does not have the form 'owner/repo'",
                "{of: group, values: 'a'} | 'group' is no name for a field",
                "{product: {}} | 'product' names no field",
                "{product: {channel: []}} | product.channel has no values",
                "{product: {a-b: [c]}} | 'a-b' is no name for a field",
                "{take: {id: id}} | 'stream' is missing",
                "{stream: a-b} | need 'take'",
                "{stream: a-b, take: {id: $}} | take.id is a whole record",
                "{stream: a-b, take: {id: id}, where: '> 3'} | where '> 3' is no condition",
                "{stream: a-b, take: {id: id}, where: $.n > x} | 'x' is none",
                "{stream: a-b, take: {id: id}, rows: some} | rows 'some' is not one of all, changed",
                "{stream: a-b, take: {id: id}, from: memory} | from 'memory' is not one of committed, api",
                "{stream: a-b, take: {id: id}, from: api, rows: changed} | does not go with 'from: api'",
                "{of: shop, values: a, group: 0} | group is 0, use 1 to 10,000"
            })
    void refusesWhatIsNoneOfTheForms(String yaml, String reason) {
        assertThatThrownBy(() -> read(yaml)).hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$.member | true",
                "member | true",
                "$.no | false",
                "$.zero | false",
                "$.missing | false",
                "$.nothing | false",
                "$.empty | false",
                "$.replies > 1 | true",
                "$.replies > 2 | false",
                "$.replies>=2 | true",
                "$.replies < 2 | false",
                "$.replies <= 2.0 | true",
                "$.replies == 2.0 | true",
                "$.status == 'active' | true",
                "$.status == active | true",
                "$.status != \"active\" | false",
                "$.status == 'on hold' | false",
                "$.in.ner != true | true",
                "$.missing != true | true",
                "$.missing == null | true",
                "$.nothing == null | true",
                "$.status == null | false",
                "$.status != null | true",
                "$.status > 3 | false",
                "$.key =~ '^orders/.*\\.csv(\\.gz)?$' | true",
                "$.key =~ (?i)ORDERS | true",
                "$.key=~'2026' | true",
                "$.key =~ '^2026' | false",
                "$.replies =~ '^[0-9]$' | true",
                "$.missing =~ '.*' | false",
                "$.nothing =~ '.*' | false",
                "$.empty =~ '^$' | true"
            })
    void conditionsHoldForTheValuesOfARecord(String condition, boolean holds) {
        byte[] record = ("{\"member\":true,\"no\":false,\"zero\":0,\"nothing\":null,\"empty\":\"\",\"replies\":2,"
                        + "\"status\":\"active\",\"key\":\"orders/2026-03.csv\",\"in\":{\"ner\":false}}")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(Where.parse(condition).holds((JsonPath path) -> path.textIn(record)))
                .isEqualTo(holds);
    }

    @Test
    void conditionsWithoutARightExpressionAreRefused() {
        assertThatThrownBy(() -> Where.parse("$.key =~ 'a('"))
                .hasMessageContaining("where '$.key =~ 'a('': 'a(' is no regular expression: ");
        assertThatThrownBy(() -> Where.parse("$.key =~ ")).hasMessageContaining("is no condition");
        assertThatThrownBy(() -> Where.parse("$.key =~ 'open")).hasMessageContaining("is no condition");
    }

    @Test
    void ofSeveralRecordsOfOneNameTheSameOneCountsInEveryOrder() {
        ParentSettings settings = Objects.requireNonNull(
                read("{stream: ads, take: {id: id, root: root}, distinct: id}").parent());
        Partition first = new Partition(Map.of("id", "7", "root", "100"));
        Partition second = new Partition(Map.of("id", "7", "root", "200"));
        Partition other = new Partition(Map.of("id", "8", "root", "200"));
        assertThat(settings.distinct(List.of(second, other, first))).containsExactly(other, first);
        assertThat(settings.distinct(List.of(first, second, other))).containsExactly(first, other);
        assertThatThrownBy(() -> read("{stream: ads, take: {id: id}, distinct: root}"))
                .hasMessageContaining("distinct [root] names a field that is not among those of 'take', [id]");
        assertThatThrownBy(() -> read("{stream: ads, take: {id: id}, distinct: id, rows: changed}"))
                .hasMessageContaining("'distinct' is told of all records");
    }

    private static PartitionSettings read(String yaml) {
        return YamlSettings.read(yaml, PartitionSettings.class);
    }
}
