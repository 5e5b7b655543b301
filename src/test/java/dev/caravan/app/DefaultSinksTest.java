package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.sink.SinkSettings;
import org.junit.jupiter.api.Test;
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
    void areRefusedWithTheirName() {
        environment.setProperty("caravan.sink.compression", "lz4");
        assertThatThrownBy(() -> DefaultSinks.of(environment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("caravan.sink: compression 'lz4' is not one of gzip, zstd, none");
    }
}
