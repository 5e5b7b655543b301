package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are not JSON, pulled through the real route. */
@Timeout(60)
class DecodeRouteTest {
    private final Path folder;
    private final Workshop workshop;
    private volatile Function<Asked, Reply> script = asked -> Reply.status(404).json("{}");
    private final FakeApi api = FakeApi.start().on("/items", asked -> script.apply(asked));

    DecodeRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void pagesOfCsvLandAndBadRowsAreSetAside() throws Exception {
        script = asked -> {
            int page = asked.query("page").isEmpty() ? 1 : Integer.parseInt(asked.query("page"));
            String rows = page == 1 ? "1;Mün;1.10\n2;x\n3;y;\n" : page == 2 ? "4;z;2.50\n" : "";
            return Reply.status(200)
                    .content(("id;name;amount\n" + rows).getBytes(Charset.forName("windows-1252")), "text/csv")
                    .header("X-Next", page < 3 ? Integer.toString(page + 1) : "");
        };
        RunSummary summary = pull("""
                path: /items
                decode: {as: csv, separator: ";", encoding: windows-1252, empty: "null", types: {id: integer, amount: number}}
                key: id
                next: {from: header, value: X-Next, to: query.page}
                """);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rejected()).isEqualTo(1);
        assertThat(workshop.ids("acme/items")).containsExactly(1L, 3L, 4L);
        JsonNode first = workshop.rows("acme/items").get(0);
        assertThat(first.path("name").asText()).isEqualTo("Mün");
        assertThat(first.path("amount").toString()).isEqualTo("1.10");
        assertThat(api.asked().get(0).headers().get("Accept")).containsExactly("text/csv, */*;q=0.1");
        try (var files = Files.walk(folder.resolve("data/errors"))) {
            List<Path> rejected = files.filter(Files::isRegularFile).toList();
            assertThat(Files.readString(rejected.get(0))).contains("\"raw\":\"2;x\"", "it has 2 cells");
        }
    }

    @Test
    void xmlInAZipLands() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 1; i <= 2; i++) {
                zip.putNextEntry(new ZipEntry("part" + i + ".xml"));
                zip.write("<orders><order><id>%d</id></order></orders>"
                        .formatted(i)
                        .getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        script = asked -> Reply.status(200).content(bytes.toByteArray(), "application/zip");
        RunSummary summary = pull("""
                path: /items
                decode: {as: xml, types: {id: integer}}
                records: $.orders.order
                key: id
                """);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/items")).containsExactly(1L, 2L);
    }

    @Test
    void anErrorInAnotherFormatIsNotTakenForAnEmptyFile() throws Exception {
        script = asked -> Reply.ok("{\"error\":{\"message\":\"no report for you\"}}");
        RunSummary summary = pull("path: /items\ndecode: csv\nkey: id\n");
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("it is application/json where csv was expected", "no report for you");
    }

    @Test
    void jsonApiRecordsAreLifted() throws Exception {
        script = asked -> Reply.ok("{\"data\":[{\"id\":1,\"attributes\":{\"updated\":\"2026-03-10\",\"n\":1.10}}]}");
        RunSummary summary = pull("""
                path: /items
                records: {path: $.data, lift: attributes}
                key: id
                cursor: {field: updated, format: iso}
                """);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.rows("acme/items").get(0).path("n").toString()).isEqualTo("1.10");
        assertThat(workshop.days("acme/items")).containsKey("2026-03-10");
    }

    private RunSummary pull(String properties) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(
                routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), Workshop.stream("items", properties)));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            assertThat(loaded.streams().problems()).isEmpty();
            return loaded.pull("acme-items").get(0);
        }
    }
}
