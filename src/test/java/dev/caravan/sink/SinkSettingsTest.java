package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkSettingsTest {
    @Test
    void areFilesOfLinesInGzipByTheDayOfTheCursor() throws IOException {
        assertThat(read("files")).isEqualTo(SinkSettings.usual());
        assertThat(read("{type: files}")).isEqualTo(SinkSettings.usual());
        assertThat(read("ndjson")).isEqualTo(SinkSettings.usual());
        assertThat(read("{}")).isEqualTo(SinkSettings.usual());
    }

    @Test
    void saySomethingElse() throws IOException {
        assertThat(read("{name: lake, format: csv, compression: zstd, partition-by: $.a.b, spreadsheet-safe: true}"))
                .isEqualTo(new FileSettings(
                        "lake",
                        FileFormat.CSV,
                        Compression.ZSTD,
                        PartitionBy.named("$.a.b"),
                        true,
                        Drift.EVOLVE,
                        BatchSettings.USUAL));
        assertThat(read("parquet"))
                .isEqualTo(new FileSettings(
                        "files",
                        FileFormat.PARQUET,
                        Compression.GZIP,
                        PartitionBy.CURSOR,
                        false,
                        Drift.EVOLVE,
                        BatchSettings.USUAL));
        assertThat(read("{partition-by: ingest}").name()).isEqualTo("files");
        assertThat(read("{batch: {rows: 50, size: 512KB, age: 5m}}").batch())
                .isEqualTo(new BatchSettings(50, 512L << 10, Duration.ofMinutes(5)));
        assertThat(read("duckdb").toString()).contains("warehouse.duckdb");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "paquet | sink 'paquet' is none of",
                "{type: s4} | sink 's4' is none of",
                "5 | sink '5' is none of",
                "{format: xls} | format 'xls' is not one of ndjson, csv, parquet",
                "{compression: lz4} | compression 'lz4' is not one of gzip, zstd, none",
                "{format: parquet, compression: gzip} | Parquet files are compressed with zstd, leave it out",
                "{spreadsheet-safe: true} | spreadsheet-safe is for 'format: csv', this is ndjson",
                "{partition-by: $} | partition-by '$' is not cursor, ingest, or a field",
                "{partition-by: '$.a[*]'} | is not cursor, ingest, or a field",
                "{name: ../x} | name '../x' is also a folder",
                "{formt: csv} | formt",
                "{batch: {rows: 0}} | batch: rows is 0, use 1 to",
                "{batch: {size: big}} | batch: size 'big' is no size, write 512KB or 16MB",
                "{batch: {age: 0s}} | batch: age is 0",
                "{type: duckdb, drift: stop} | drift 'stop' is not one of evolve, freeze, discard-row, discard-value",
                "{type: jdbc} | jdbc needs a 'url'",
                "{type: duckdb, format: csv} | format",
                "{type: camel} | camel needs a 'uri'",
                "{type: camel, uri: kafka} | uri 'kafka' is no address of an endpoint",
                "{type: camel, uri: 'kafka:o?password=x'} | uri 'kafka:o' has parameters behind it, which would be shown",
                "{type: camel, uri: 'sftp://me:pw@host/in'} | uri has a password in it, which would be shown",
                "{type: camel, uri: 'seda:orders'} | into memory only",
                "{type: camel, uri: 'jms:o', send: batch} | send 'batch' is not one of rows, files",
                "{type: camel, uri: 'jms:o', format: csv} | for 'send: files', a row is sent as JSON",
                "{type: camel, uri: 'jms:o', send: files, key-header: k} | key-header 'k' is for 'send: rows'",
            })
    void refuseWhatTheyDoNotKnow(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml)).hasStackTraceContaining(message);
    }

    private static SinkSettings read(String yaml) throws IOException {
        return JsonMapper.builder(new YAMLFactory())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build()
                .readValue(yaml, SinkSettings.class);
    }
}
