package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each stream has three pages of ten records, a batch each, and one thing goes wrong with the second batch. What failed must
 * not count, what was committed must stay, and once the cause is gone the next run brings the rest.
 *
 * <p>All fail in one process, and all go on in a second one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailureIT {
    private static final List<String> NAMES =
            List.of("acme-sink", "acme-fetch", "acme-decode", "acme-each", "acme-commit", "acme-publish");

    private final FakeApi api = FakeApi.start();
    private final AtomicBoolean trouble = new AtomicBoolean(true);
    private final Map<String, Between> between = new TreeMap<>();
    private CaravanHome home;
    private Ended first;
    private Ended second;

    /** What stood between the two runs. */
    private record Between(long batches, long keys, String progress) {}

    @BeforeAll
    void failAndGoOn(@TempDir Path folder) throws IOException {
        home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=10")
                .with("caravan.retry-delay=100")
                .inOneProcess();
        script("acme-sink", () -> obstruct("acme-sink", "_staging"));
        script("acme-fetch", () -> Reply.status(503).json("{\"error\":\"down for maintenance\"}"));
        script("acme-decode", () -> Reply.ok("{\"data\":[{\"id\":\"item-00011\"},{\"id\":\"item-00"));
        script("acme-each", FailureIT::pageTwo);
        script("acme-commit", () -> obstruct("acme-commit", "_commits"));
        script("acme-publish", () -> obstruct("acme-publish", "date=2026-01-03"));
        NAMES.forEach(name -> home.withRoute(name, AcmeRoutes.tokens(name, api.url())));
        home.withRoute("acme-each", withSteps("acme-each", "item-00015"));

        first = home.run("pull", "--all", "--json");
        for (String name : NAMES) {
            clear(name, "_staging");
            clear(name, "_commits");
            clear(name, "date=2026-01-03");
            Landed landed = landed(name);
            between.put(name, new Between(landed.dataCommits().size(), landed.keys(), landed.progress()));
        }
        trouble.set(false);
        api.forget();
        home.withRoute("acme-each", withSteps("acme-each", "no such item"));
        second = home.run("pull", "--all", "--json");
    }

    @AfterAll
    void close() {
        api.close();
    }

    @Test
    void theRunFailsAndTheNextDoesNot() {
        first.expect(1);
        second.expect(0);
        assertThat(Summaries.of(first).byStream()).hasSize(NAMES.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme-sink", "acme-fetch", "acme-decode", "acme-each", "acme-commit", "acme-publish"})
    void theErrorNamesStreamAndSlice(String name) {
        assertThat(Summaries.of(first).status(name + "-items")).isEqualTo("failed");
        assertThat(Summaries.of(first).error(name + "-items"))
                .contains(name + "-items 2026-01-01T00:00:00Z")
                .doesNotContain(AcmeRoutes.SECRET)
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme-fetch", "acme-decode"})
    void theErrorNamesTheRequest(String name) {
        assertThat(Summaries.of(first).error(name + "-items")).contains("GET", "/" + name, "page=p2");
    }

    @Test
    void theErrorSaysWhatToDo() {
        Summaries summaries = Summaries.of(first);
        assertThat(summaries.error("acme-sink-items")).contains("_staging", "move it aside");
        assertThat(summaries.error("acme-commit-items")).contains("_commits", "move it aside");
        assertThat(summaries.error("acme-publish-items")).contains("date=2026-01-03", "move it aside");
        assertThat(summaries.error("acme-fetch-items")).contains("HTTP 503", "down for maintenance");
        assertThat(summaries.error("acme-each-items")).contains("no rate for this currency");
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme-sink", "acme-fetch", "acme-decode", "acme-each", "acme-commit"})
    void nothingOfTheSecondBatchCounts(String name) {
        Between found = between.get(name);
        assertThat(found.batches()).as("batches").isEqualTo(1);
        assertThat(found.keys()).as("keys").isEqualTo(10);
        assertThat(found.progress()).as("progress").contains("p2").doesNotContain("p3");
    }

    /** The commit was made and only its files could not be moved: it counts, and recovery moves them. */
    @Test
    void whatWasCommittedButNotPublishedCounts() {
        Between found = between.get("acme-publish");
        assertThat(found.batches()).as("batches").isEqualTo(2);
        assertThat(found.progress()).as("progress").contains("p3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme-sink", "acme-fetch", "acme-decode", "acme-each", "acme-commit", "acme-publish"})
    void theNextRunGoesOnAndEveryRecordIsThereOnce(String name) {
        String resumed = name.equals("acme-publish") ? "p3" : "p2";
        Asked asked = api.asked("/" + name).get(0);
        assertThat(asked.query()).containsEntry("page", resumed);
        assertThat(Summaries.of(second).of(name + "-items").path("duplicates").asInt())
                .as("taken for seen")
                .isZero();
        landed(name).assertExactlyOnce(AcmeRoutes.ids(1, 30), "id");
    }

    @Test
    void verifyFindsEverythingSound() {
        home.run("verify").expect(0);
    }

    private Landed landed(String name) {
        return home.landed(name + "/items");
    }

    private void script(String name, Supplier<Reply> second) {
        api.on("/" + name, asked -> switch (asked.query("page")) {
            case "" -> Reply.page(AcmeRoutes.records(1, 10), "p2");
            case "p2" -> trouble.get() ? second.get() : pageTwo();
            default -> Reply.page(AcmeRoutes.records(21, 30), "");
        });
    }

    private static Reply pageTwo() {
        return Reply.page(AcmeRoutes.records(11, 20), "p3");
    }

    /** Puts a file where a folder is needed, once the first batch has landed; it may be under way when the second page is asked for. */
    private Reply obstruct(String name, String child) {
        Path place = landed(name).folder().resolve(child);
        await().until(() -> landed(name).rows().size() == 10);
        try {
            if (Files.exists(place)) {
                Files.move(place, aside(place));
            }
            Files.writeString(place, "in the way");
            return pageTwo();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void clear(String name, String child) throws IOException {
        Path place = landed(name).folder().resolve(child);
        if (Files.isRegularFile(place)) {
            Files.delete(place);
        }
        if (Files.exists(aside(place))) {
            Files.move(aside(place), place);
        }
    }

    private static Path aside(Path place) {
        return place.resolveSibling("_aside-" + place.getFileName());
    }

    private String withSteps(String name, String poison) {
        return AcmeRoutes.tokens(name, api.url(), "each: direct:acme-each-steps") + """
                - route:
                    id: acme-each-steps
                    from:
                      uri: direct:acme-each-steps
                      steps:
                        - filter:
                            expression:
                              simple:
                                expression: "${body[id]} == '%s'"
                            steps:
                              - throwException:
                                  exceptionType: java.lang.IllegalStateException
                                  message: no rate for this currency
                """.formatted(poison);
    }
}
