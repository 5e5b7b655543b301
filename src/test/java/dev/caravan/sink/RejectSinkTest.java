package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.batch.SealedFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
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
                                reject("not a number", "3", "{\"a\": NaN,\n\"b\": 1}"),
                                reject("too large", null, "{\"a\": \"é😀\"}")));

        assertThat(sealed).hasSize(1);
        assertThat(sealed.get(0).path()).isEqualTo("errors/acme/orders/date=2026-03-04/r1-000002.ndjson");
        assertThat(sealed.get(0).rows()).isEqualTo(2);
        List<String> lines = Files.readAllLines(data.resolve(sealed.get(0).staged()));
        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper().readTree(lines.get(0)).get("raw").asText())
                .isEqualTo("{\"a\": NaN,\n\"b\": 1}");
        assertThat(lines.get(1))
                .isEqualTo("{\"reason\":\"too large\",\"page\":null,\"raw\":\"{\\\"a\\\": \\\"é😀\\\"}\"}");
    }

    @Test
    void anyBytesComeBackFromTheLineTheyWereWrittenTo() throws Exception {
        List<byte[]> received = new ArrayList<>(List.of(
                "{\"name\":\"M\u00fcller\"}".getBytes(StandardCharsets.ISO_8859_1),
                "{\"name\":\"M\u00fcller\"}".getBytes(StandardCharsets.UTF_8),
                new byte[] {0, (byte) 0x80, (byte) 0xff, '\n'}));
        byte[] random = new byte[5_000];
        new Random(1).nextBytes(random);
        received.add(random);
        received.add(("\"" + "s".repeat(21 * 1024 * 1024) + "\"").getBytes(StandardCharsets.UTF_8));
        List<Reject> rejects = received.stream()
                .map(bytes -> Reject.of("odd", "2", bytes, received.indexOf(bytes), Map.of()))
                .toList();

        SealedFile sealed = new RejectSink().write(to(), rejects).get(0);

        List<String> lines = Files.readAllLines(data.resolve(sealed.staged()));
        assertThat(lines).hasSameSizeAs(received);
        for (int i = 0; i < lines.size(); i++) {
            Reject read = Reject.parse(lines.get(i));
            assertThat(read).isEqualTo(rejects.get(i));
            assertThat(read.received()).isEqualTo(received.get(i));
        }
        assertThat(lines.get(0))
                .isEqualTo("{\"reason\":\"odd\",\"page\":\"2\",\"raw\":\"{\\\"name\\\":\\\"Müller\\\"}\","
                        + "\"encoding\":\"iso-8859-1\",\"index\":0}");
    }

    private static Reject reject(String reason, @Nullable String page, String raw) {
        return Reject.of(reason, page, raw.getBytes(StandardCharsets.UTF_8), null, Map.of());
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
