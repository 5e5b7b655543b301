package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Origin;
import dev.caravan.connection.auth.Auth;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.sandbox.Sandbox;
import dev.caravan.sandbox.SandboxOptions;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vendor files that pull from the sandbox as whoever has no credential does; see {@link VendorConformanceTest} for all of them. */
@Timeout(120)
class RouteFilesTest {
    private static final Path ROUTES = Path.of("routes");

    private static final Map<String, String> SETTINGS = Map.of(
            "stripe.api-key", "stand-in",
            "stripe.rate", "10000",
            "github.rate", "10000",
            "open-meteo.rate", "10000");

    /** After all days of the sandbox; ticks, because quotas do. */
    private final Clock clock =
            Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), Instant.parse("2026-05-01T00:00:00Z")));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path data;

    @ParameterizedTest
    @CsvSource({
        "stripe, 'stripe-balance-transactions=600, stripe-charges=600, stripe-customers=120, stripe-events=120'",
        "github, 'github-commits=240, github-issues=120, github-repositories=6'",
        "open-meteo, 'open-meteo-archive=270, open-meteo-forecast=69'"
    })
    void pullsEveryStreamOfAFileFromTheSandbox(String vendor, String expected) throws Exception {
        Map<String, LiveConnection> connections = new HashMap<>();
        try (Workshop workshop = new Workshop(data, clock);
                Sandbox sandbox = Sandbox.start(SandboxOptions.defaults().withRows(600));
                LoadedRoutes routes = new LoadedRoutes(
                        workshop,
                        only(vendor),
                        SETTINGS,
                        definition -> new LiveStream(
                                definition,
                                connections.computeIfAbsent(
                                        definition.connection(), name -> stub(workshop, sandbox, definition)),
                                workshop.engine()))) {
            assertThat(routes.streams().problems()).isEmpty();
            Map<String, Long> rows = new TreeMap<>();
            List<String> ids =
                    routes.streams().all().stream().map(LiveStream::id).toList();
            for (RunSummary summary : routes.pull(ids.toArray(String[]::new))) {
                assertThat(summary.error()).isNull();
                assertThat(summary.status()).isEqualTo(RunStatus.DONE);
                assertThat(summary.rejected()).isZero();
                rows.put(summary.stream(), summary.rows());
            }
            assertThat(rows.toString()).isEqualTo("{" + expected + "}");
            for (String id : ids) {
                assertThat(routes.steps(id)).contains("open", "fetch", "dedupe", "commit", "close");
                String folder = "stub/" + vendor + "/" + id.substring(vendor.length() + 1);
                assertThat(workshop.rows(folder))
                        .hasSize(rows.getOrDefault(id, 0L).intValue());
            }
            assertThat(routes.pull(ids.toArray(String[]::new)))
                    .as("nothing new")
                    .extracting(RunSummary::rows)
                    .containsOnly(0L);
        }
    }

    private static LiveConnection stub(Workshop workshop, Sandbox sandbox, StreamDefinition definition) {
        String host = definition.settings().url().getHost();
        Auth auth = definition
                .settings()
                .auth()
                .withCredential(sandbox.credential(host))
                .auth(AuthContexts.offline());
        return workshop.connection(definition, Origin.STUB, auth, sandbox::address);
    }

    /** Returns a folder with one vendor's file, the shared routes and the templates. */
    private Path only(String vendor) throws Exception {
        Path folder = Files.createDirectories(data.resolve("routes"));
        for (String part : Set.of("shared/errors", "templates/stream", vendor)) {
            Path copy = folder.resolve(part + ".camel.yaml");
            Files.createDirectories(copy.getParent());
            Files.copy(ROUTES.resolve(part + ".camel.yaml"), copy);
        }
        return folder;
    }
}
