package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.Connection;
import dev.caravan.Stream;
import dev.caravan.testkit.YamlSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static final Connection CONNECTION =
            YamlSettings.read("{url: 'https://api.acme.example'}", Connection.class);

    private static final String SETTINGS = """
            path: /orders
            query: {from: "${window.from}"}
            records: {path: $.data}
            key: [id]
            cursor: {field: at, format: iso}
            next: {from: body, value: $.next, to: query.page, while: $.more}
            partitions: {of: shop, values: "north, south"}
            """;

    @Test
    void isTheSameForTheSameSettingsInAnotherProcess() {
        // What it is made of must not depend on the identity of an object: the value was taken by another process.
        assertThat(of(SETTINGS)).isEqualTo(of(SETTINGS));
        assertThat(of(SETTINGS)).hasToString("4a2197e024915460:f598d388fe1ebc78");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every: 5m",
                "lookback: 3d",
                "window: 2d",
                "parallel: 4",
                "max-pages: 7",
                "start: 90d",
                "lag: 1h",
                "add-fields: {shop: '${partition.shop}'}"
            })
    void doesNotMindWhatChangesNeitherRequestNorRecord(String more) {
        assertThat(of(SETTINGS + more)).isEqualTo(of(SETTINGS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "path: /orders -> path: /v2/orders",
                "{from: \"${window.from}\"} -> {from: \"${window.from}\", expand: all}",
                "$.data -> $.rows",
                "$.next -> $.after",
                "path: /orders -> {path: /orders, method: POST}",
                "path: /orders -> {path: /orders, headers: {Prefer: all}}",
                "path: /orders -> {path: /orders, url: 'https://other.acme.example'}"
            })
    void restartsASliceWhenTheRequestChanges(String change) {
        Fingerprint changed = of(changed(change));
        assertThat(changed.identity()).isEqualTo(of(SETTINGS).identity());
        assertThat(changed.request()).isNotEqualTo(of(SETTINGS).request());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key: [id] -> key: [id, at]",
                "field: at -> field: updated",
                "format: iso -> format: date",
                "of: shop -> of: place",
                "key: [id] -> {key: [id], disposition: merge}"
            })
    void holdsAStreamWhenItsRecordsWouldBeOthers(String change) {
        assertThat(of(changed(change)).identity()).isNotEqualTo(of(SETTINGS).identity());
    }

    @Test
    void takesMorePartitionsForTheSameStream() {
        assertThat(of(SETTINGS.replace("north, south", "north, south, east"))).isEqualTo(of(SETTINGS));
    }

    @Test
    void readsWhatItWrote() {
        Fingerprint fingerprint = of(SETTINGS);
        assertThat(Fingerprint.parse(fingerprint.toString())).isEqualTo(fingerprint);
    }

    private static String changed(String change) {
        String[] parts = change.split(" -> ", 2);
        String to = parts[1].startsWith("{") && !parts[0].startsWith("{")
                ? parts[1].substring(1, parts[1].length() - 1)
                        .replace(", ", "\n")
                        .replace("[id\nat]", "[id, at]")
                : parts[1];
        assertThat(SETTINGS).contains(parts[0]);
        return SETTINGS.replace(parts[0], to);
    }

    private static Fingerprint of(String yaml) {
        return Fingerprint.of(YamlSettings.read(yaml, Stream.class), CONNECTION);
    }
}
