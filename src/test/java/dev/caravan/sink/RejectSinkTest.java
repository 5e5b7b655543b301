package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.batch.SealedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectSinkTest {
    private final Path data;

    RejectSinkTest(@TempDir Path data) {
        this.data = data;
    }

    @Test
    void writesReasonPageAndRawTextToALineEach() throws Exception {
        List<SealedFile> sealed = new RejectSink()
                .write(
                        to(),
                        List.of(
                                new Reject("not a number", "3", "{\"a\": NaN,\n\"b\": 1}"),
                                new Reject("bad UTF-8", null, "{\"a\": \"\uFFFD\"}")));

        assertThat(sealed).hasSize(1);
        assertThat(sealed.get(0).path()).isEqualTo("errors/acme/orders/date=2026-03-04/r1-000002.ndjson");
        assertThat(sealed.get(0).rows()).isEqualTo(2);
        List<String> lines = Files.readAllLines(data.resolve(sealed.get(0).staged()));
        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper().readTree(lines.get(0)).get("raw").asText())
                .isEqualTo("{\"a\": NaN,\n\"b\": 1}");
        assertThat(lines.get(1))
                .isEqualTo("{\"reason\":\"bad UTF-8\",\"page\":null,\"raw\":\"{\\\"a\\\": \\\"\uFFFD\\\"}\"}");
    }

    @Test
    void writesNothingWithoutRejects() {
        assertThat(new RejectSink().write(to(), List.of())).isEmpty();
        assertThat(data).isEmptyDirectory();
    }

    private RejectDestination to() {
        return new RejectDestination(
                data,
                "errors/acme/orders",
                data.resolve("acme/orders/_staging/7"),
                "r1",
                2,
                ZoneOffset.UTC,
                Instant.parse("2026-03-04T23:30:00Z"));
    }
}
