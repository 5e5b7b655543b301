package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.sink.SinkSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class DefaultSinksTest {
    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void areFilesUnlessSaid() {
        assertThat(DefaultSinks.of(environment)).containsExactly(SinkSettings.usual());
    }

    @Test
    void areANameOrSettings() {
        environment.setProperty("caravan.sink", "parquet");
        assertThat(DefaultSinks.of(environment).get(0).toString()).contains("parquet");
    }

    @Test
    void areSettingsWrittenBelow() {
        environment.setProperty("caravan.sink.format", "csv");
        environment.setProperty("caravan.sink.spreadsheet-safe", "true");
        assertThat(DefaultSinks.of(environment).get(0).toString()).contains("csv", "spreadsheetSafe=true");
    }

    @Test
    void areSettingsOfSettings() {
        environment.setProperty("caravan.sink.type", "duckdb");
        environment.setProperty("caravan.sink.batch.rows", "5");
        assertThat(DefaultSinks.of(environment).get(0).batch().rows()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"files, duckdb", "[files, {type: duckdb, file: shop.duckdb}]", "[files, duckdb]"})
    void areSeveral(String text) {
        environment.setProperty("caravan.sink", text);
        assertThat(DefaultSinks.of(environment)).extracting(SinkSettings::name).containsExactly("files", "duckdb");
    }

    @Test
    void areAListOfNamesAndSettings() {
        environment.setProperty("caravan.sink[0]", "parquet");
        environment.setProperty("caravan.sink[1].type", "duckdb");
        environment.setProperty("caravan.sink[1].name", "shop");
        assertThat(DefaultSinks.of(environment)).extracting(SinkSettings::name).containsExactly("files", "shop");
    }

    @Test
    void areSettingsInOneLine() {
        environment.setProperty("caravan.sink", "{type: duckdb, name: shop}");
        assertThat(DefaultSinks.of(environment)).extracting(SinkSettings::name).containsExactly("shop");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "tape; caravan.sink: sink 'tape' is none of",
                "{type: shelf}; caravan.sink: sink: shelf needs 'place'",
                "{type: duckdb; caravan.sink: while parsing a flow mapping",
                "[files, {type: duckdb, fil: x}]; caravan.sink: unknown setting 'fil', known here: [batch, drift, file, memory"
            })
    void sayWhatIsWrong(String text, String message) {
        environment.setProperty("caravan.sink", text);
        assertThatThrownBy(() -> DefaultSinks.of(environment))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void areRefusedWithTheirName() {
        environment.setProperty("caravan.sink.compression", "lz4");
        assertThatThrownBy(() -> DefaultSinks.of(environment))
                .isInstanceOf(UsageException.class)
                .hasMessage("caravan.sink: compression 'lz4' is not one of gzip, zstd, none");
    }
}
