package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vendors that tell what changed since a token, forget old ones, and have another list of everything. */
@Timeout(60)
class SyncTokenTest {
    private static final String URL = "https://mail.acme.example/v1";
    private static final String MESSAGES = """
            path: /history
            records: {path: $.history, optional: true}
            key: id
            disposition: merge
            next: {from: body, value: $.next, to: query.page}
            cursor:
              token: $.at
              to: query.since
              start: {path: /profile, value: $.at}
              full: {path: /messages, query: {all: "yes"}, records: $.messages}
            """;
    private static final String RULE = "\n        outcomes: [{status: 404, then: resync}]";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");

    @Test
    void listsAllBehindATokenThatIsOlderAndThenAsksForChanges() {
        Mailbox mailbox = new Mailbox(5);
        mailbox.editsWhileItIsListed = true;
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream stream = workshop.live(vendor());
            RunSummary first = pull(stream, mailbox);
            assertThat(first.status()).as(first.error()).isEqualTo(RunStatus.DONE);
            assertThat(mailbox.asked)
                    .containsExactly(
                            "/profile", "/messages?all=yes", "/messages?all=yes&page=3", "/messages?all=yes&page=1");
            assertThat(stream.checkpointText()).contains("0");

            mailbox.editsWhileItIsListed = false;
            mailbox.asked.clear();
            RunSummary changes = pull(stream, mailbox);
            assertThat(mailbox.asked).containsExactly("/history?since=0", "/history?page=2&since=0");
            assertThat(changes.rows()).as("what changed while it was listed").isEqualTo(1);
            assertThat(latest(workshop)).isEqualTo(mailbox.versions);

            mailbox.forget();
            mailbox.edit(2);
            mailbox.asked.clear();
            mailbox.oldest = mailbox.changes.size();
            assertThat(pull(stream, mailbox).rows()).isEqualTo(1);
            assertThat(mailbox.asked)
                    .startsWith("/history?since=3", "/profile", "/messages?all=yes")
                    .hasSize(5);
            assertThat(latest(workshop)).isEqualTo(mailbox.versions);
        }
    }

    @Test
    void goesOnInTheMiddleOfTheListWithTheTokenFromBeforeIt() {
        Mailbox mailbox = new Mailbox(5);
        mailbox.editsWhileItIsListed = true;
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream stream = workshop.live(vendor());
            RunSummary some =
                    new ByHand(mailbox::ask).pull(stream, RunRequest.now().withLimit(2), Gate.OPEN);
            assertThat(some.rows()).isEqualTo(2);
            mailbox.asked.clear();
            assertThat(pull(stream, mailbox).status()).isEqualTo(RunStatus.DONE);
            assertThat(mailbox.asked).containsExactly("/messages?all=yes&page=3", "/messages?all=yes&page=1");
            assertThat(stream.checkpointText()).as("that of the first run").contains("0");
            assertThat(pull(stream, mailbox).rows()).isEqualTo(1);
            assertThat(latest(workshop)).isEqualTo(mailbox.versions);
        }
    }

    @Test
    void losesNothingWhereverItIsKilledWhileItListsAllAnew() throws IOException {
        long steps = killed(folder.resolve("whole"), Long.MAX_VALUE);
        assertThat(steps).isGreaterThan(20);
        for (long step = 1; step <= steps; step += 3) {
            killed(folder.resolve("step-" + step), step);
        }
    }

    /** Returns how many steps on the disk a run takes whose token is too old, and that is killed at one of them. */
    private long killed(Path data, long step) throws IOException {
        Mailbox mailbox = new Mailbox(5);
        FailingFiles files = FailingFiles.over(Files.createDirectories(data));
        try (Workshop workshop = new Workshop(files.path(data), clock).withBatchRows(2)) {
            LiveStream stream = workshop.live(vendor());
            files.failAt(Long.MAX_VALUE, FailingFiles.Mode.BEFORE, "");
            pull(stream, mailbox);
            mailbox.edit(1);
            mailbox.edit(5);
            mailbox.forget();
            mailbox.editsWhileItIsListed = true;
            files.failAt(step, FailingFiles.Mode.BEFORE, "killed");
            pull(stream, mailbox);
        }
        long steps = files.changes();
        files.failAt(Long.MAX_VALUE, FailingFiles.Mode.BEFORE, "");
        try (Workshop workshop = new Workshop(data, clock).withBatchRows(2)) {
            LiveStream stream = workshop.live(vendor());
            pull(stream, mailbox);
            mailbox.editsWhileItIsListed = false;
            RunSummary last = pull(stream, mailbox);
            assertThat(last.status()).as("step %d: %s", step, last.error()).isEqualTo(RunStatus.DONE);
            assertThat(latest(workshop)).as("step %d", step).isEqualTo(mailbox.versions);
            assertThat(workshop.rows("acme/messages"))
                    .as("step %d", step)
                    .extracting(row -> row.path("id") + "/" + row.path("v"))
                    .doesNotHaveDuplicates();
        }
        return steps;
    }

    @Test
    void refusesAListThatIsNone() {
        try (Workshop workshop = new Workshop(folder, clock)) {
            assertThatThrownBy(() -> workshop.live(vendor("full: {query: {all: true}}")))
                    .hasMessageContaining("full needs a 'path', such as {path: /messages, records: $.messages}");
            assertThatThrownBy(() -> workshop.live(vendor("full: {path: /messages, record: $.messages}")))
                    .hasMessageContaining("record");
            assertThatThrownBy(() -> workshop.live(vendor("full: {path: \"/${nowhere}\"}")))
                    .hasMessageContaining("nowhere");
        }
    }

    private static String vendor() {
        return Workshop.vendor(URL + RULE, Workshop.stream("messages", MESSAGES));
    }

    private static String vendor(String full) {
        return Workshop.vendor(
                URL, Workshop.stream("messages", MESSAGES.replaceAll("full: .*", Matcher.quoteReplacement(full))));
    }

    private RunSummary pull(LiveStream stream, Mailbox mailbox) {
        clock.move(Duration.ofMinutes(1));
        return new ByHand(mailbox::ask).pull(stream);
    }

    private static Map<Integer, Integer> latest(Workshop workshop) {
        Map<Integer, Integer> latest = new TreeMap<>();
        for (JsonNode row : workshop.rows("acme/messages")) {
            latest.merge(row.path("id").asInt(), row.path("v").asInt(), Math::max);
        }
        return latest;
    }

    /** Messages, newest first, and what happened to them; the newest is edited while the rest is listed. */
    private static final class Mailbox {
        private static final int PAGE = 2;

        private final NavigableMap<Integer, Integer> versions = new TreeMap<>();
        private final List<Integer> changes = new ArrayList<>();
        private final List<String> asked = new ArrayList<>();
        private boolean editsWhileItIsListed;
        private int oldest;

        Mailbox(int messages) {
            for (int id = 1; id <= messages; id++) {
                versions.put(id, 1);
            }
        }

        void edit(int id) {
            versions.merge(id, 1, Integer::sum);
            changes.add(id);
        }

        void forget() {
            oldest = changes.size();
        }

        Answer ask(Request request) {
            Map<String, String> query = FakeApi.query(request.uri());
            String path = request.uri().getPath().substring("/v1".length());
            String said = request.uri().getRawQuery();
            asked.add(said == null ? path : path + "?" + said);
            return switch (path) {
                case "/profile" -> answer(200, "{\"at\":%d}".formatted(changes.size()));
                case "/messages" -> messages(query);
                default -> history(query);
            };
        }

        private Answer messages(Map<String, String> query) {
            int before = Integer.parseInt(query.getOrDefault("page", "5"));
            List<Integer> page = versions.headMap(before, true).descendingKeySet().stream()
                    .limit(PAGE)
                    .toList();
            Answer answer = answer(
                    200, "{\"messages\":[%s]%s}".formatted(rows(page), before <= PAGE ? "" : next(before - PAGE)));
            if (editsWhileItIsListed) {
                edit(5);
            }
            return answer;
        }

        private Answer history(Map<String, String> query) {
            int since = Integer.parseInt(query.getOrDefault("since", "-1"));
            if (since < oldest) {
                return answer(404, "{\"error\":\"not found\"}");
            }
            int from = since + Integer.parseInt(query.getOrDefault("page", "0"));
            int to = Math.min(changes.size(), from + PAGE);
            List<Integer> page = changes.subList(from, to).stream().distinct().toList();
            return answer(
                    200,
                    "{%s\"at\":%d%s}"
                            .formatted(
                                    page.isEmpty() ? "" : "\"history\":[%s],".formatted(rows(page)),
                                    changes.size(),
                                    to < changes.size() ? next(to - since) : ""));
        }

        private static String next(int page) {
            return ",\"next\":\"%d\"".formatted(page);
        }

        private String rows(List<Integer> ids) {
            return ids.stream()
                    .map(id -> "{\"id\":%d,\"v\":%d}".formatted(id, versions.get(id)))
                    .collect(Collectors.joining(","));
        }
    }
}
