package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.slice.Progress;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand partitions cost what they hold, not what there are of them. */
@Timeout(120)
class ManyPartitionsTest {
    private static final int MANY = 10_000;
    private static final String URL = "https://api.acme.example/v1";
    private static final String EMPTY = "{\"data\":[]}";

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");

    ManyPartitionsTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void emptyPartitionsAreFoldedIntoOneCommit() {
        LiveStream orders = orders();
        RunSummary first = new ByHand(request -> answer(200, EMPTY)).pull(orders);
        assertThat(first.status()).isEqualTo(RunStatus.DONE);
        assertThat(first.requests()).isEqualTo(MANY);
        assertThat(first.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
        List<JsonNode> commits = Landed.in(folder, "acme/orders").commits();
        assertThat(commits).hasSize(2);
        assertThat(sizes()).isLessThan(2_000_000);

        clock.move(Duration.ofHours(1));
        RunSummary second = new ByHand(request -> answer(200, EMPTY)).pull(orders);
        assertThat(second.status()).isEqualTo(RunStatus.DONE);
        assertThat(Landed.in(folder, "acme/orders").commits()).hasSize(4);
    }

    @Test
    void aCommitSaysWhatChangedAndNothingOfTheOthers() {
        LiveStream orders = orders();
        new ByHand(request -> answer(200, EMPTY)).pull(orders);
        clock.move(Duration.ofHours(1));
        RunSummary some = new ByHand(request -> {
                    String query = request.uri().getRawQuery();
                    boolean row = query.contains("shop=1") && query.matches(".*shop=1\\d\\d(&.*)?");
                    return answer(200, row ? "{\"data\":[{\"id\":1,\"at\":\"2026-03-11T00:30:00Z\"}]}" : EMPTY);
                })
                .pull(orders);
        assertThat(some.rows()).isEqualTo(100);
        Landed landed = Landed.in(folder, "acme/orders");
        assertThat(landed.assertSound("shop", "id").rows()).hasSize(100);
        Progress known = workshop.store().progress(orders.key());
        assertThat(known.partitions()).hasSize(MANY);
        assertThat(known.checkpoint()).isEqualTo(clock.instant());

        // Another process, and a database that is gone.
        workshop.store().reset(orders.key());
        orders.recover();
        assertThat(workshop.store().progress(orders.key())).isEqualTo(known);
    }

    private long sizes() {
        try (var files = Files.list(folder.resolve("acme/orders/_commits"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LiveStream orders() {
        String values = IntStream.range(0, MANY).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", """
                path: /orders
                query: {shop: "${partition.shop}", from: "${window.from}", to: "${window.to}"}
                records: $.data
                key: [shop, id]
                add-fields: {shop: "${partition.shop}"}
                cursor: {field: at, format: iso}
                start: "2026-03-01"
                partitions: {of: shop, values: "%s"}
                """.formatted(values))));
    }
}
