package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people type and write, right and wrong: exit codes, and messages that say where and what to do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UsageIT {
    private final FakeApi api = FakeApi.start();
    private Path folder;
    private CaravanHome good;
    private CaravanHome mistaken;
    private Ended pulledAll;

    @BeforeAll
    void start(@TempDir Path temporary) {
        folder = temporary;
        api.on("/acme", asked -> Reply.page(AcmeRoutes.records(1, 10), ""));
        good = home("good").withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET).inOneProcess();
        good.run("pull", "acme-items").expect(0);

        mistaken = home("mistaken")
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .withRoute("broken", "- beans:\n    - name: [unclosed\n")
                .withRoute("misspelt", AcmeRoutes.tokens("misspelt", api.url(), "dispositon: merge"))
                .withRoute("stranger", AcmeRoutes.tokens("stranger", api.url(), "connection: \"#bean:acne\""))
                .withRoute("wrongly", AcmeRoutes.tokens("wrongly", api.url(), "parallel: many"))
                .withRoute("twin", AcmeRoutes.tokens("acme", api.url()));
        pulledAll = mistaken.run("pull", "--all", "--json");
    }

    @AfterAll
    void close() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "broken.camel.yaml:     | not readable as YAML",
                "misspelt.camel.yaml:23 | did you mean 'disposition'",
                "stranger.camel.yaml:   | unknown connection '#bean:acne'; this file declares: stranger",
                "wrongly.camel.yaml:23  | 'many' is not a whole number",
                "twin.camel.yaml:       | already defined at acme.camel.yaml:15; give one of them another id",
            })
    void aMistakeIsToldWithItsPlaceAndRemedy(String place, String remedy) {
        assertThat(pulledAll.err()).contains(place, remedy);
    }

    @Test
    void theStreamsOfOtherFilesAreStillPulled() {
        pulledAll.expect(2);
        assertThat(Summaries.of(pulledAll).byStream()).containsOnlyKeys("acme-items");
        mistaken.landed("acme/items").assertExactlyOnce(AcmeRoutes.ids(1, 10), "id");
    }

    @Test
    void aStreamWithAMistakeCannotBePulled() {
        Ended ended = mistaken.run("pull", "misspelt-items").expect(2);

        assertThat(ended.err()).contains("misspelt.camel.yaml:23", "did you mean 'disposition'");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void servingGoesOnWithoutThem() {
        CaravanHome home = home("served")
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("server.port=0")
                .withRoute("broken", "- beans:\n    - name: [unclosed\n");
        try (CaravanProcess serving = home.start()) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT)
                    .until(() -> !serving.isAlive() || home.landed("acme/items").commitNumber() >= 2);
            assertThat(serving.isAlive()).as(serving::all).isTrue();
            assertThat(serving.err()).contains("broken.camel.yaml:");
            serving.terminate();
            serving.await(Duration.ofMinutes(1));
        }
        home.landed("acme/items").assertExactlyOnce(AcmeRoutes.ids(1, 10), "id");
    }

    @Test
    void anUnknownStreamIsAnsweredWithThoseThereAre() {
        assertThat(good.run("pull", "acme-itmes").expect(2).err()).contains("'acme-itmes'", "There are: acme-items");
    }

    @ParameterizedTest
    @CsvSource({
        "--from 2026-13-01 --to 2026-01-31, 2026-13-01",
        "--from 2026-01-01, --to",
        "--from 2026-02-01 --to 2026-01-01, is not before",
        "--parallel 65, --parallel is 65",
        "--parallel many, 'many' is not",
    })
    void aBadValueIsRefusedBeforeAnythingStarts(String options, String named) {
        String[] words = ("pull acme-items " + options).split(" ");
        assertThat(good.run(words).expect(2).err()).contains(named).doesNotContain("\tat ");
    }

    @Test
    void aWrongSettingIsNamed() {
        CaravanHome home = home("setting").with("caravan.sandbox=perhaps");
        assertThat(home.run("streams").expect(2).err()).contains("perhaps", "off", "missing", "all");
    }

    @Test
    void aConnectionWithoutACredentialIsNotConfigured() {
        Ended ended = home("unconfigured").run("pull", "acme", "--json").expect(2);

        Summaries summaries = Summaries.of(ended);
        assertThat(summaries.status("acme-items")).isEqualTo("not-configured");
        assertThat(summaries.error("acme-items")).contains("acme-items", "no credential", "acme.camel.yaml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pull",
                "streams",
                "runs",
                "check",
                "preview",
                "state",
                "state show",
                "state set",
                "state export",
                "state import",
                "verify",
                "replay",
                "snapshot",
                "eject",
                "health",
                "hash-password"
            })
    void everyCommandHelps(String command) {
        String[] words = (command + " --help").strip().split(" ");
        Ended ended = good.run(words).expect(0);

        assertThat(ended.out()).contains("--help", command, "Show this help message");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void previewShowsRequestsAndRecordsAndWritesNothing() {
        CaravanHome home = home("previewed").withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET);
        Ended ended = home.run("preview", "acme-items").expect(0);

        assertThat(ended.out()).contains("> GET " + api.url() + "/acme", "item-00001", "1.10");
        assertThat(ended.out().lines().filter(line -> line.contains("item-"))).hasSize(5);
        assertThat(ended.all()).doesNotContain(AcmeRoutes.SECRET);
        assertThat(home.data().resolve("acme")).doesNotExist();
    }

    @Test
    void checkTellsThatAConnectionWorks() {
        assertThat(good.run("check").expect(0).out()).contains("acme", "works");
    }

    @Test
    void stateAndRunsShowWhatWasDone() throws IOException {
        String state = good.run("state", "show", "acme-items").expect(0).out();
        assertThat(new ObjectMapper().readTree(state).path("stream").asText()).isEqualTo("acme-items");
        assertThat(state).contains("checkpoint");

        String runs = good.run("runs", "acme-items", "--json").expect(0).out();
        assertThat(new ObjectMapper().readTree(runs).path("rows").asInt()).isEqualTo(10);
    }

    @Test
    void anEjectedRoutePullsTheSameRows() throws IOException {
        String ejected = good.run("eject", "acme-items").expect(0).out();
        String own = Files.readString(good.routes().resolve("acme.camel.yaml"));
        String connection = own.substring(0, own.indexOf("- templatedRoute:"));
        CaravanHome home = home("ejected")
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .withRoute("acme", connection + ejected);
        home.run("pull", "acme-items").expect(0);

        assertThat(ejected).contains("- route:", "acme-items-fetch").doesNotContain("templatedRoute:\n");
        home.landed("acme/items")
                .assertExactlyOnce(List.copyOf(good.landed("acme/items").ids("id")), "id");
    }

    private CaravanHome home(String name) {
        return CaravanHome.in(folder.resolve(name)).withRoute("acme", AcmeRoutes.tokens("acme", api.url()));
    }
}
