package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.Stream.Disposition;
import dev.caravan.commit.Origin;
import dev.caravan.connection.auth.Auth;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.page.SyncSettings;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Trial;
import dev.caravan.sandbox.Sandbox;
import dev.caravan.sandbox.SandboxOptions;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.PartitionSettings;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.MovingClock;
import dev.caravan.testkit.OneVendor;
import dev.caravan.testkit.Records;
import dev.caravan.testkit.ShippedStreams;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every stream of every file in {@code routes/} does against the sandbox: land all there is, once; land nothing the second
 * time; land what is added and what is edited; ride out a throttle, an error and a cut connection; go on after a kill; and say
 * what to do about a wrong credential.
 *
 * <p>What is right is what the sandbox says that it keeps, by {@code GET /_control/rows}. A new vendor needs a file in
 * {@code routes/} and one in the sandbox, whose table has the stream's name with underscores; a line in {@link #SETTINGS} if the
 * file has settings without a default; and its name in {@link ShippedStreams} if requests name the fields that they want.
 * {@code -Dcaravan.vendor=slack} takes that vendor alone.
 */
class VendorConformanceTest {
    private static final Path ROUTES = Path.of("routes");
    private static final String ENDING = ".camel.yaml";
    private static final int ROWS = 120;
    /** How many rows are edited at most until a record shows it. */
    private static final int EDITS = 12;

    private static final Duration LIMIT = Duration.ofSeconds(40);

    /** A second after the last day of the sandbox, so that what is added later is later. */
    private static final Instant START = Instant.parse("2026-04-01T00:00:01Z");

    /** Settings that files need and have no default for, or whose default takes long. */
    private static final Map<String, Map<String, String>> SETTINGS = Map.of(
            "facebook-marketing", Map.of("facebook-marketing.report-poll", "10ms", "facebook-marketing.rate", "10000"),
            "shopify", Map.of("shopify.bulk-poll", "10ms"));

    /** With which error of the sandbox a vendor says that a credential lacks a scope or a right. */
    private static final Map<String, String> LACKS_SCOPE = Map.of(
            "github", "not_accessible",
            "google-ads", "permission",
            "shopify", "access_denied",
            "google-sheets", "denied",
            "gmail", "scopes",
            "hubspot", "missing_scopes",
            "mautic", "denied",
            "slack", "missing_scope",
            "stripe", "no_permission");

    /** What goes wrong with the next answers, one after the other. */
    private static final List<String> FAULTS =
            List.of("kind=refusal&retry-after=0.05", "kind=status&status=500", "kind=drop");

    /** Streams that do not see an edit at once, for the reason that their files give. */
    private static final Set<String> BLIND = Set.of("slack-thread-replies");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @TestFactory
    Stream<DynamicContainer> everyVendor() throws IOException {
        try (var files = Files.list(ROUTES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> name.substring(0, name.length() - ENDING.length()))
                    .filter(vendor -> vendor.matches(System.getProperty("caravan.vendor", ".*")))
                    .sorted()
                    .toList()
                    .stream()
                    .map(vendor -> DynamicContainer.dynamicContainer(
                            vendor, Stream.of(vendor).flatMap(this::scenes)));
        }
    }

    private Stream<DynamicTest> scenes(String vendor) {
        try {
            Bench bench = new Bench(vendor);
            return bench.scenes().onClose(bench::close);
        } catch (Exception e) {
            return Stream.of(DynamicTest.dynamicTest("loads", () -> {
                throw e;
            }));
        }
    }

    /** One vendor, imitated, and the processes that pull from it. */
    private final class Bench implements AutoCloseable {
        private final String vendor;
        private final Path routes;
        private final MovingClock clock = new MovingClock(START);
        private final Sandbox sandbox = Sandbox.start(SandboxOptions.defaults().withRows(ROWS));
        private final Runner first;
        private final Map<String, Long> changes = new HashMap<>();
        private final Map<String, Long> requests = new HashMap<>();
        private Runner second;

        Bench(String vendor) throws Exception {
            this.vendor = vendor;
            this.routes = OneVendor.in(folder.resolve(vendor + "-routes"), vendor);
            this.first = new Runner(folder.resolve(vendor + "-first"), "");
            this.second = first;
        }

        Stream<DynamicTest> scenes() {
            List<DynamicTest> scenes = new ArrayList<>();
            scenes.add(DynamicTest.dynamicTest(vendor + " loads", () -> {
                assertThat(first.routes.streams().problems()).isEmpty();
                assertThat(first.ids()).isNotEmpty();
            }));
            for (String id : first.ids()) {
                add(scenes, id, "full pull", () -> pullsAll(id));
                add(scenes, id, "second run", () -> landsNothingTheSecondTime(id));
                add(scenes, id, "restated", () -> landsWhatIsEdited(id));
                add(scenes, id, "added", () -> landsWhatIsAdded(id));
                add(scenes, id, "throttled, failed and cut off once", () -> ridesOut(id));
            }
            String lacking = LACKS_SCOPE.get(vendor);
            if (lacking != null) {
                first.ids().forEach(id -> add(scenes, id, "missing scope", () -> saysWhatIsMissing(id, lacking)));
            }
            scenes.add(DynamicTest.dynamicTest(vendor + " is restarted", () -> start("-killed", "")));
            for (int i = 0; i < first.ids().size(); i++) {
                String id = first.ids().get(i);
                int place = i;
                add(scenes, id, "killed", () -> isKilled(id, place));
            }
            scenes.add(DynamicTest.dynamicTest(vendor + " is started again", () -> start("-killed", "")));
            for (String id : first.ids()) {
                add(scenes, id, "resumed", () -> resumes(id));
            }
            if (!first.sandboxCredential().isEmpty()) {
                scenes.add(DynamicTest.dynamicTest(
                        vendor + " has another credential", () -> start("-refused", "no-such-credential")));
                for (String id : first.ids()) {
                    add(scenes, id, "wrong credential", () -> saysWhatToDo(id));
                }
            }
            return scenes.stream();
        }

        private void add(List<DynamicTest> scenes, String id, String scene, Executable test) {
            scenes.add(DynamicTest.dynamicTest(id + ": " + scene, () -> {
                try {
                    test.execute();
                } catch (AssertionError e) {
                    throw new AssertionError("%s: %s: %s".formatted(id, scene, e.getMessage()), e);
                }
            }));
        }

        private void pullsAll(String id) throws Exception {
            first.files.failAt(Long.MAX_VALUE, FailingFiles.Mode.BEFORE, "");
            RunSummary summary = done(first.pull(id, false));
            changes.put(id, first.files.changes());
            requests.put(id, summary.requests());

            assertThat(summary.rejected()).as("rejected").isZero();
            assertThat(first.landed(id).size() == 0).as("lands nothing").isEqualTo(beginsNow(id));
            assertAllIn(first.landed(id), id);
            assertThat(summary.rows()).isEqualTo(first.landed(id).size());
        }

        private void landsNothingTheSecondTime(String id) throws Exception {
            Records before = first.landed(id);
            RunSummary summary = done(first.pull(id, false));

            assertThat(summary.rows()).as("new rows").isEqualTo(replaces(id) ? summary.rows() : 0);
            assertThat(summary.requests()).as("requests").isLessThanOrEqualTo(requests.getOrDefault(id, 0L));
            first.landed(id).assertSameAs(before);
        }

        private void landsWhatIsAdded(String id) throws Exception {
            Records before = kept(id);
            JsonNode newest = before.newest(1).get(0);
            JsonNode answer = control(
                    id,
                    "POST append?rows=2&stream=%s&scope=%s",
                    table(id),
                    newest.path("scope").asText());
            if (answer.has("error")) {
                abort(answer.path("error").asText());
            }
            landsExactly(id, kept(id).without(before));
        }

        private void landsWhatIsEdited(String id) throws Exception {
            if (BLIND.contains(id)) {
                abort("It does not see edits");
            }
            Records before = kept(id);
            for (JsonNode row : before.newest(EDITS)) {
                JsonNode answer = control(
                        id,
                        "POST edit?stream=%s&scope=%s&id=%s",
                        table(id),
                        row.path("scope").asText(),
                        row.path("id").asText());
                assertThat(answer.path("error").asText()).isEmpty();
                Records edited = kept(id).without(before);
                if (edited.size() > 0) {
                    landsExactly(id, sees(id, before, edited) ? edited : edited.without(edited));
                    return;
                }
            }
            abort("Nothing that is edited shows in a record");
        }

        /** Whether a run finds a row that was edited: not if its cursor stays, and is not looked back upon. */
        private boolean sees(String id, Records before, Records edited) {
            dev.caravan.Stream stream = first.stream(id).definition().stream();
            if (stream.disposition() == Disposition.APPEND) {
                return false;
            }
            var cursor = stream.cursor();
            if (cursor == null || !cursor.filtered()) {
                return true;
            }
            boolean moves = !before.values(cursor.field()).containsAll(edited.values(cursor.field()));
            return moves || stream.lookback().toDuration().compareTo(Duration.ofDays(1)) >= 0;
        }

        private void landsExactly(String id, Records expected) throws Exception {
            Records before = first.landed(id);
            clock.move(Duration.ofMinutes(1));
            pullParents(first, id);
            RunSummary summary = done(first.pull(id, false));

            if (replaces(id)) {
                assertAllIn(first.landed(id), id);
                return;
            }
            Records more = first.landed(id).without(before);
            more.assertSameAs(expected.like(before));
            assertThat(summary.rows()).isEqualTo(more.size());
        }

        /** Pulls everything anew, while the next answers go wrong. */
        private void ridesOut(String id) throws Exception {
            for (String fault : FAULTS) {
                JsonNode answer = control(id, "POST fault?stream=%s&" + fault, table(id));
                assertThat(answer.path("error").asText()).isEmpty();
            }
            RunSummary summary = done(first.pull(id, !beginsNow(id)));

            assertThat(summary.waits() + summary.retries())
                    .as("waits and retries")
                    .isGreaterThanOrEqualTo(FAULTS.size());
            assertAllIn(first.landed(id), id);
        }

        private void start(String name, String wrongCredential) throws Exception {
            closeSecond();
            second = new Runner(folder.resolve(vendor + name), wrongCredential);
        }

        /** A child is told of its parents' rows by what they have landed. */
        private void pullParents(Runner process, String id) throws Exception {
            PartitionSettings partitions =
                    process.stream(id).definition().stream().partitions();
            ParentSettings parent = partitions == null ? null : partitions.parent();
            if (parent != null) {
                pullParents(process, parent.stream());
                done(process.pull(parent.stream(), false));
            }
        }

        /** A little after the middle of what it does to the disk, or a little before. */
        private void isKilled(String id, int place) throws Exception {
            if (beginsNow(id)) {
                abort("It does nothing that could be interrupted");
            }
            pullParents(second, id);
            second.files.failAt(
                    Math.max(1, changes.getOrDefault(id, 6L) * (2 + place % 3) / 6),
                    FailingFiles.Mode.BEFORE,
                    "killed");
            RunSummary summary = second.pull(id, false);

            assertThat(second.files.hasFailed()).isTrue();
            assertThat(summary.status()).isNotEqualTo(RunStatus.DONE);
            second.files.failAt(Long.MAX_VALUE, FailingFiles.Mode.BEFORE, "");
        }

        private void resumes(String id) throws Exception {
            done(second.pull(id, false));
            assertAllIn(second.landed(id), id);
        }

        private void saysWhatIsMissing(String id, String error) throws Exception {
            control(id, "POST fault?kind=refusal&stream=%s&name=%s", table(id), error);
            RunSummary summary = first.pull(id, RunRequest.now().withTrial(Trial.counting(1)));
            assertThat(summary.status()).isIn(RunStatus.FAILED, RunStatus.PARTIAL);
            assertThat(summary.error())
                    .containsAnyOf("the credential lacks", "the credential may not", "the credential's user may not");
        }

        private void saysWhatToDo(String id) throws Exception {
            RunSummary summary = second.pull(id, false);
            assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
            assertThat(summary.error()).contains("credential").doesNotContain("no-such-credential");
            assertThat(second.landed(id)).isEmpty();
        }

        /** Whether what is pulled takes the place of what was there, so that there is what the vendor has. */
        private boolean replaces(String id) {
            return first.stream(id).definition().stream().disposition().replaces();
        }

        private void assertAllIn(Records landed, String id) {
            if (!beginsNow(id)) {
                landed.assertSameAs(kept(id).like(landed));
            }
        }

        /** Whether a stream knows nothing of what was before its first run. */
        private boolean beginsNow(String id) {
            SyncSettings sync = first.stream(id).definition().stream().sync();
            return sync != null && sync.start() != null && sync.full() == null;
        }

        private RunSummary done(RunSummary summary) {
            assertThat(summary.error()).isNull();
            assertThat(summary.status()).isEqualTo(RunStatus.DONE);
            return summary;
        }

        private Records kept(String id) {
            return ShippedStreams.comparable(vendor, Records.of(control(id, "GET rows?stream=%s", table(id))));
        }

        private String table(String id) {
            return id.substring(vendor.length() + 1).replace('-', '_');
        }

        private JsonNode control(String id, String call, Object... values) {
            return Records.control(sandbox, first.host(id), call, values);
        }

        private void closeSecond() {
            if (second != first) {
                second.close();
            }
        }

        @Override
        public void close() {
            closeSecond();
            first.close();
            sandbox.close();
        }

        /** What a process is: the state of a folder, and the routes. */
        private final class Runner implements AutoCloseable {
            private final String wrongCredential;
            private final FailingFiles files;
            private final Workshop workshop;
            private final LoadedRoutes routes;

            Runner(Path data, String wrongCredential) throws Exception {
                this.wrongCredential = wrongCredential;
                Files.createDirectories(data);
                files = FailingFiles.over(data);
                workshop = new Workshop(files.path(data), clock);
                routes = LoadedRoutes.whenAsked(
                        workshop, Bench.this.routes, SETTINGS.getOrDefault(vendor, Map.of()), this::connection, "");
            }

            private LiveConnection connection(StreamDefinition definition) {
                String credential = wrongCredential.isEmpty()
                        ? sandbox.credential(definition.settings().url().getHost())
                        : wrongCredential;
                Auth auth =
                        definition.settings().auth().withCredential(credential).auth(AuthContexts.offline());
                return workshop.connection(definition, Origin.REAL, auth, sandbox::address);
            }

            List<String> ids() {
                return routes.streams().all().stream().map(LiveStream::id).toList();
            }

            LiveStream stream(String id) {
                return routes.streams().live(id);
            }

            String host(String id) {
                StreamDefinition definition = stream(id).definition();
                URI own = definition.stream().url();
                return (own == null ? definition.settings().url() : own).getHost();
            }

            String sandboxCredential() {
                return ids().isEmpty() ? "" : sandbox.credential(host(ids().get(0)));
            }

            /** Pulls a stream; where it waits for the vendor, time passes at once. */
            RunSummary pull(String id, boolean refresh) throws Exception {
                return pull(id, RunRequest.now().withFullRefresh(refresh));
            }

            RunSummary pull(String id, RunRequest request) throws Exception {
                LiveStream stream = stream(id);
                stream.ask(request);
                routes.context().start();
                Instant end = Instant.now().plus(LIMIT);
                while (true) {
                    try {
                        return request.done().get(10, TimeUnit.MILLISECONDS);
                    } catch (TimeoutException e) {
                        assertThat(Instant.now())
                                .as("%s takes too long: %s", id, stream.state())
                                .isBefore(end);
                        pass(stream);
                    }
                }
            }

            private void pass(LiveStream stream) {
                stream.connection()
                        .limiter()
                        .held()
                        .ifPresent(hold -> clock.move(
                                Duration.between(clock.instant(), hold.until()).plusMillis(1)));
                if (stream.state().contains("job") || stream.state().contains("quota")) {
                    clock.move(Duration.ofSeconds(5));
                }
            }

            Records landed(String id) {
                String path = vendor + "/" + id.substring(vendor.length() + 1);
                Records landed = Records.landed(
                        workshop.rows(path),
                        stream(id).definition().stream().addFields().keySet());
                return ShippedStreams.comparable(vendor, landed);
            }

            @Override
            public void close() {
                routes.close();
                workshop.close();
            }
        }
    }
}
