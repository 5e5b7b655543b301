package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What earlier versions left goes on under today's: {@code src/test/resources/upgrade} keeps their folders. */
class UpgradeIT {
    private static final Path EARLIER = Path.of("src", "test", "resources", "upgrade", "0.1");
    private static final String CHARGES = "stub/stripe/charges";
    private static final String ISSUES = "stub/github/issues";
    private static final int ROWS = 120;

    @TempDir
    private Path folder;

    private CaravanHome home;

    @BeforeEach
    void moveIn() {
        home = home("today").inOneProcess();
        copy(EARLIER.resolve("landed"), home.data());
    }

    @Test
    void goesOnFromWhereAnEarlierVersionStopped() throws IOException {
        assertThat(state("stripe-charges").path("checkpoint").asText()).isEqualTo("2026-01-31T00:00:00Z");
        goesOn();
    }

    @Test
    void rebuildsTheDatabaseFromTheCommitsOfAnEarlierVersion() throws IOException {
        Files.delete(home.data().resolve("state/caravan.db"));
        home.run("verify").expect(0);
        assertThat(state("stripe-charges").path("checkpoint").asText()).isEqualTo("2026-01-31T00:00:00Z");
        goesOn();
    }

    private void goesOn() {
        assertThat(home.run("verify").expect(0).out()).contains("stripe-charges", "github-issues", "sound");
        int charges = home.landed(CHARGES).rows().size();
        Summaries summaries = Summaries.of(home.run("pull", "--all", "--json").expect(0));

        JsonNode summary = summaries.of("stripe-charges");
        assertThat(summary.path("rows").asInt()).isEqualTo(ROWS - charges);
        assertThat(summary.path("duplicates").asInt())
                .as("rows read again: the open slice did not go on at its page")
                .isZero();
        // Its place is an address of a sandbox that is gone, so its slice begins anew and knows what is committed.
        assertThat(summaries.of("github-issues").path("duplicates").asInt()).isPositive();

        CaravanHome fresh = home("fresh");
        fresh.run("pull", "--all").expect(0);
        for (String stream : Set.of(CHARGES, ISSUES)) {
            Landed expected = fresh.landed(stream);
            home.landed(stream).assertExactlyOnce(new TreeSet<>(expected.ids("id")), "id");
        }
        home.run("verify").expect(0);
    }

    private JsonNode state(String stream) throws IOException {
        String shown = home.run("state", "show", stream).expect(0).out();
        return new ObjectMapper().readTree(shown).findValue("partitions").get(0);
    }

    private CaravanHome home(String name) {
        CaravanHome made = CaravanHome.in(folder.resolve(name))
                .with("caravan.sandbox=all")
                .with("caravan.sandbox-rows=" + ROWS)
                .with("caravan.sandbox-limits=false")
                .with("caravan.batch-rows=20");
        copy(EARLIER.resolve("routes"), made.routes());
        return made;
    }

    private static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
