package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.definition.Account;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Window;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions that are the records of another stream: channels, their messages, the replies to these. */
@Timeout(60)
class ParentsTest {
    private static final String URL = "https://api.acme.example/v1";

    private static final String CHANNELS = """
            path: /channels
            records: $.data
            key: id
            disposition: merge
            every: 1h
            """;

    private static final String MESSAGES = """
            path: /messages
            query: {channel: "${partition.channel}", from: "${window.from}", to: "${window.to}"}
            partitions: {stream: acme-channels, take: {channel: id}, where: $.member}
            records: $.data
            key: [channel, ts]
            add-fields: {channel: "${partition.channel}"}
            cursor: {field: ts, format: epoch-decimal}
            start: "2026-03-01"
            disposition: merge
            every: 1h
            """;

    private static final String REPLIES = """
            path: /replies
            query: {channel: "${partition.channel}", ts: "${partition.parent}"}
            partitions:
              stream: acme-messages
              take: {channel: channel, parent: ts}
              where: $.replies > 0
              rows: changed
            records: $.data
            key: [channel, parent, id]
            add-fields: {channel: "${partition.channel}", parent: "${partition.parent}"}
            disposition: merge
            every: 1h
            """;

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Request> asked = new ArrayList<>();
    private final Map<String, String> channels = new TreeMap<>();
    private final Map<String, List<String>> messages = new LinkedHashMap<>();
    private final Map<String, Answer> refused = new LinkedHashMap<>();

    ParentsTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
        channels.put("C1", "{\"id\":\"C1\",\"member\":true}");
        channels.put("C2", "{\"id\":\"C2\",\"member\":false}");
        channels.put("C3", "{\"id\":\"C3\",\"member\":true}");
        messages.put("C1", new ArrayList<>(List.of(message("1772500000.000100", 2), message("1772500000.000200", 0))));
        messages.put("C3", new ArrayList<>(List.of(message("1772600000.000001", 1))));
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    private static String message(String ts, int replies) {
        return "{\"ts\":\"%s\",\"replies\":%d}".formatted(ts, replies);
    }

    @Test
    void pullsWhatIsCommittedOfItsParentAndTheParentFirstIfItNeverWas() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        LiveStream replies = named(all, "acme-replies");
        RunSummary summary = pull(all, "acme-replies");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(3);
        assertThat(paths())
                .containsExactly("/v1/channels", "/v1/messages", "/v1/messages", "/v1/replies", "/v1/replies");
        assertThat(workshop.rows("acme/messages"))
                .extracting(row ->
                        row.path("channel").asText() + " " + row.path("ts").asText())
                .containsExactlyInAnyOrder("C1 1772500000.000100", "C1 1772500000.000200", "C3 1772600000.000001");
        assertThat(workshop.rows("acme/replies"))
                .extracting(row ->
                        row.path("channel").asText() + " " + row.path("parent").asText())
                .containsExactlyInAnyOrder("C1 1772500000.000100", "C1 1772500000.000100", "C3 1772600000.000001");
        Progress progress = workshop.store().progress(replies.key());
        assertThat(progress.partitions()).as("each is pulled once").isEmpty();
        assertThat(progress.marks()).containsOnlyKeys("acme-messages");
        assertThat(Landed.in(folder, "acme/replies")
                        .assertSound("channel", "parent", "id")
                        .commits())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "parquet", "{compression: zstd}", "{format: csv, partition-by: replies}"})
    void readsWhatIsCommittedOfItsParentInWhateverFormatItLands(String sink) {
        String other = "sink: " + sink + "\n";
        Map<String, LiveStream> all = live(CHANNELS + other.replace("replies", "member"), MESSAGES + other, REPLIES);

        RunSummary summary = pull(all, "acme-replies");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.rows("acme/replies"))
                .extracting(row ->
                        row.path("channel").asText() + " " + row.path("parent").asText())
                .containsExactlyInAnyOrder("C1 1772500000.000100", "C1 1772500000.000100", "C3 1772600000.000001");
    }

    @Test
    void waitsForTheFirstRunOfItsParentAndSaysSo() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES);
        LiveStream channelList = named(all, "acme-channels");
        LiveStream child = named(all, "acme-messages");
        ByHand hand = new ByHand(this::answered);
        hand.turn(child);
        assertThat(child.state()).isEqualTo("waiting for acme-channels");
        assertThat(asked).isEmpty();
        hand.turn(channelList);
        hand.turn(child);
        assertThat(child.lastRun())
                .hasValueSatisfying(run -> assertThat(run.rows()).isEqualTo(3));
    }

    @Test
    void endsAsPausedWhenItIsStoppedWhileItWaits() {
        LiveStream child = named(live(CHANNELS, MESSAGES), "acme-messages");
        RunRequest request = RunRequest.now();
        child.ask(request);
        child.open(Gate.OPEN);
        child.leave();
        assertThat(request.done().join().status()).isEqualTo(RunStatus.PAUSED);
        assertThat(request.done().join().error()).contains("waited for acme-channels");
    }

    @Test
    void failsWithTheReasonWhenItsParentCannotBePulled() {
        refused.put("/v1/channels", answer(400, "{\"message\":\"no such thing\"}"));
        RunSummary summary = pull(live(CHANNELS, MESSAGES), "acme-messages");
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("acme-messages: its parent acme-channels has not been pulled yet", "no such thing");
    }

    @Test
    void aParentWithoutRecordsMakesARunOfNothing() {
        channels.clear();
        RunSummary summary = pull(live(CHANNELS, MESSAGES), "acme-messages");
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.requests()).isZero();
    }

    @Test
    void countsTheLatestVersionOfEachRecordOfItsParent() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES);
        pull(all, "acme-messages");
        channels.put("C1", "{\"id\":\"C1\",\"member\":false}");
        channels.put("C2", "{\"id\":\"C2\",\"member\":true}");
        messages.put("C2", new ArrayList<>(List.of(message("1772700000.000001", 0))));
        later(all, "acme-channels");
        asked.clear();
        RunSummary summary = later(all, "acme-messages");
        assertThat(summary.rows()).isEqualTo(1);
        assertThat(asked.stream().collect(Collectors.toMap(ParentsTest::channel, ParentsTest::from)))
                .as("C2 is new, C3 goes on")
                .isEqualTo(Map.of("C2", "1772323200.000000", "C3", "1773187200.000000"));
        assertThat(summary.checkpoint())
                .as("a partition that is gone holds none back")
                .isEqualTo(clock.instant());

        channels.put("C1", "{\"id\":\"C1\",\"member\":true,\"again\":1}");
        later(all, "acme-channels");
        asked.clear();
        later(all, "acme-messages");
        assertThat(asked).extracting(ParentsTest::channel).containsExactlyInAnyOrder("C1", "C2", "C3");
        assertThat(asked.stream().filter(each -> channel(each).equals("C1")).map(ParentsTest::from))
                .as("goes on where it was")
                .containsExactly("1773187200.000000");
    }

    @Test
    void aFailedPartitionIsTriedAgainFromItsOwnCursorAndTheRunIsPartial() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES);
        pull(all, "acme-messages");
        refused.put("C1", answer(400, "{\"message\":\"archived\"}"));
        RunSummary partial = later(all, "acme-messages");
        assertThat(partial.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(partial.status().exitCode()).isEqualTo(4);
        assertThat(partial.error()).contains("channel=C1", "archived");
        assertThat(partial.checkpoint()).as("the least of all").isEqualTo("2026-03-11T00:00:00Z");
        refused.put("C3", answer(400, ""));
        assertThat(later(all, "acme-messages").status()).isEqualTo(RunStatus.FAILED);
        refused.clear();
        asked.clear();
        assertThat(later(all, "acme-messages").status()).isEqualTo(RunStatus.DONE);
        assertThat(asked.stream().collect(Collectors.toMap(ParentsTest::channel, ParentsTest::from)))
                .isEqualTo(Map.of("C1", "1773187200.000000", "C3", "1773190800.000000"));
    }

    @Test
    void pullsOnlyParentsThatAreNewOrChangedAndMissesNoneThatFailed() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        refused.put("1772600000.000001", answer(400, ""));
        RunSummary first = pull(all, "acme-replies");
        assertThat(first.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(first.rows()).isEqualTo(2);

        asked.clear();
        RunSummary again = later(all, "acme-replies");
        assertThat(again.status()).isEqualTo(RunStatus.FAILED);
        assertThat(asked)
                .as("what is owed, nothing else")
                .extracting(ParentsTest::ts)
                .containsExactly("1772600000.000001");

        Objects.requireNonNull(messages.get("C1")).set(0, message("1772500000.000100", 3));
        Objects.requireNonNull(messages.get("C1")).add(message("1773190000.000000", 1));
        pull(all, RunRequest.now().withBackfill(days("2026-03-01T00:00:00Z", "2026-03-12T00:00:00Z")), "acme-messages");
        refused.clear();
        asked.clear();
        RunSummary mended = later(all, "acme-replies");
        assertThat(mended.status()).as(mended.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked)
                .extracting(ParentsTest::ts)
                .containsExactlyInAnyOrder("1772600000.000001", "1772500000.000100", "1773190000.000000");
        assertThat(mended.rows()).isEqualTo(3);
        asked.clear();
        assertThat(later(all, "acme-replies").requests()).isZero();
    }

    @Test
    void goesOnWithWhatIsOwedAfterARunThatNeverEnded() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        pull(all, "acme-messages");
        LiveStream replies = named(all, "acme-replies");
        RunRequest request = RunRequest.now();
        // The first of two partitions is committed, then the process is gone: nothing closes the run.
        replies.ask(request);
        Run run = replies.open(Gate.OPEN);
        new ByHand(this::answered).drive(run.getSlices().get(0));
        workshop.store().close();
        run.close(null);
        asked.clear();
        try (Workshop next = new Workshop(folder, clock)) {
            RunSummary rest = pull(live(next, CHANNELS, MESSAGES, REPLIES), "acme-replies");
            assertThat(rest.status()).as(rest.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(asked).extracting(ParentsTest::ts).containsExactly("1772600000.000001");
        assertThat(workshop.rows("acme/replies")).hasSize(3);
    }

    @Test
    void readsAllOfItsParentAgainAfterAReset() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        pull(all, "acme-replies");
        named(all, "acme-replies").resetState();
        asked.clear();
        RunSummary again = later(all, "acme-replies");
        assertThat(again.requests()).isEqualTo(2);
        assertThat(again.rows()).isZero();
        assertThat(again.duplicates()).isEqualTo(3);
    }

    @Test
    void aParentThatWasPulledAnewIsNewThroughout() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        pull(all, "acme-replies");
        pull(all, RunRequest.now().withFullRefresh(true), "acme-messages");
        asked.clear();
        assertThat(later(all, "acme-replies").requests()).isEqualTo(2);
    }

    @Test
    void aBackfillPullsThePartitionsOfThoseDays() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, REPLIES);
        pull(all, "acme-replies");
        Progress forward = workshop.store().progress(named(all, "acme-replies").key());
        asked.clear();
        RunRequest march4 = RunRequest.now().withBackfill(days("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"));
        RunSummary backfill = pull(all, march4, "acme-replies");
        assertThat(backfill.status()).as(backfill.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked).extracting(ParentsTest::ts).containsExactly("1772600000.000001");
        assertThat(workshop.store().progress(named(all, "acme-replies").key())).isEqualTo(forward);

        asked.clear();
        RunSummary messagesAgain = pull(
                all,
                RunRequest.now().withBackfill(days("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")),
                "acme-messages");
        assertThat(messagesAgain.status()).isEqualTo(RunStatus.DONE);
        assertThat(messagesAgain.duplicates()).isEqualTo(2);
        assertThat(asked).extracting(ParentsTest::channel).containsExactly("C1", "C3");
    }

    @Test
    void asksTheApiForTheParentsRecordsInEachRun() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES.replace("where:", "from: api, where:"));
        pull(all, "acme-messages");
        assertThat(workshop.rows("acme/channels"))
                .as("the parent lands nothing by it")
                .isEmpty();
        channels.remove("C3");
        asked.clear();
        RunSummary second = later(all, "acme-messages");
        assertThat(second.status()).isEqualTo(RunStatus.DONE);
        assertThat(paths()).containsExactly("/v1/channels", "/v1/messages");
        refused.put("/v1/channels", answer(400, ""));
        assertThat(later(all, "acme-messages"))
                .satisfies(failed -> assertThat(failed.status()).isEqualTo(RunStatus.FAILED))
                .satisfies(
                        failed -> assertThat(failed.error()).contains("its parent acme-channels could not be asked"));
    }

    @Test
    void showsWhatItWouldPullWithoutKeepingAnything() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES);
        List<String> shown = new ArrayList<>();
        Trial trial = new Trial(10, shown::add, reject -> {}, request -> {});
        RunSummary summary = pull(all, RunRequest.now().withTrial(trial), "acme-messages");
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(shown).hasSize(3);
        assertThat(folder.resolve("acme")).doesNotExist();
    }

    @Test
    void readsRawRecordsOfItsParent() {
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES + "shape: raw\n", REPLIES);
        RunSummary summary = pull(all, "acme-replies");
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(3);
        assertThat(asked).extracting(ParentsTest::channel).endsWith("C1", "C3");
    }

    @Test
    void putsPartitionsTogetherAndKeepsACheckpointForEach() {
        String grouped = MESSAGES.replace(
                        "{channel: \"${partition.channel}\",", "{channel: [\"${partition.group.channel}\"],")
                .replace("where: $.member", "group: 2")
                .replace("key: [channel, ts]", "key: ts")
                .replace("add-fields: {channel: \"${partition.channel}\"}\n", "");
        Map<String, LiveStream> all = live(CHANNELS, grouped);
        RunSummary first = pull(all, "acme-messages");
        assertThat(first.status()).as(first.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked.subList(1, 3))
                .extracting(request -> request.uri().getRawQuery())
                .allSatisfy(query -> assertThat(query).contains("from=1772323200"))
                .satisfiesExactly(
                        query -> assertThat(query).startsWith("channel=C1&channel=C2&from="),
                        query -> assertThat(query).startsWith("channel=C3&from="));
        channels.put("C4", "{\"id\":\"C4\"}");
        later(all, "acme-channels");
        asked.clear();
        later(all, "acme-messages");
        assertThat(asked)
                .as("what stands elsewhere is asked apart")
                .extracting(request -> request.uri().getRawQuery().replaceAll("&to=.*", ""))
                .containsExactly(
                        "channel=C1&channel=C2&from=1773187200.000000",
                        "channel=C3&from=1773187200.000000",
                        "channel=C4&from=1772323200.000000");
        assertThat(workshop.store().progress(named(all, "acme-messages").key()).partitions())
                .hasSize(4)
                .allSatisfy(each -> assertThat(each.checkpoint()).isEqualTo(clock.instant()));
    }

    @Test
    void sendsAGroupAsAListInABody() {
        String grouped = """
                path: /replies
                method: POST
                body: {inputs: "${partition.group}", channels: "${partition.group.channel}", text: "${partition.group.ts}"}
                partitions: {stream: acme-messages, take: {channel: channel, ts: ts}, rows: changed, group: 1000}
                records: $.data
                key: id
                """;
        Map<String, LiveStream> all = live(CHANNELS, MESSAGES, grouped);
        RunSummary summary = pull(all, "acme-replies");
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(new String(asked.get(asked.size() - 1).body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"inputs\":[{\"channel\":\"C1\",\"ts\":\"1772500000.000100\"},"
                        + "{\"channel\":\"C1\",\"ts\":\"1772500000.000200\"},{\"channel\":\"C3\",\"ts\":\"1772600000.000001\"}],"
                        + "\"channels\":[\"C1\",\"C1\",\"C3\"],"
                        + "\"text\":[\"1772500000.000100\",\"1772500000.000200\",\"1772600000.000001\"]}");
        assertThat(workshop.store().progress(named(all, "acme-replies").key()).partitions())
                .isEmpty();
    }

    @Test
    void everyAccountHasParentsOfItsOwn() {
        String file =
                Workshop.vendor(URL, Workshop.stream("channels", CHANNELS), Workshop.stream("messages", MESSAGES));
        List<Account> accounts = List.of(new Account("north", Map.of()), new Account("south", Map.of()));
        new VendorFileReader(vendor -> accounts, UnaryOperator.identity(), folder)
                .read("acme.camel.yaml", file)
                .streams()
                .forEach(workshop::live);
        assertThat(workshop.streams().withoutLost()).isEmpty();
        assertThat(workshop.streams().ancestors(workshop.streams().live("south-messages")))
                .extracting(LiveStream::id)
                .containsExactly("south-channels");
        assertThat(workshop.streams().parentsFirst(workshop.streams().all()))
                .extracting(LiveStream::id)
                .containsExactly("north-channels", "south-channels", "north-messages", "south-messages");
    }

    @Test
    void aStreamMayTakeMoreOfTheParentThatTheDefaultsName() {
        String file = Workshop.vendor(
                URL + "\n        defaults: {partitions: {stream: acme-channels, take: {channel: id}, where: $.member}}",
                Workshop.stream("channels", CHANNELS + "partitions: ~\n"),
                Workshop.stream("messages", "path: /messages\nrecords: $.data\npartitions: {take: {zone: tz}}\n"),
                Workshop.stream("replies", "path: /replies\nrecords: $.data\npartitions: {of: shop, values: a}\n"));
        assertThat(workshop.read(file).streams().stream()
                        .map(definition -> definition.stream().partitions())
                        .map(partitions -> partitions == null ? List.of() : partitions.fields()))
                .containsExactly(List.of(), List.of("channel", "zone"), List.of("shop"));
    }

    @Test
    void refusesParentsThatAreNotThere() {
        live(CHANNELS, MESSAGES.replace("acme-channels", "acme-chanels"), REPLIES);
        assertThat(workshop.streams().withoutLost())
                .extracting(problem -> problem.message())
                .satisfiesExactlyInAnyOrder(
                        message -> assertThat(message)
                                .contains("acme.camel.yaml:", "stream 'acme-messages'", "'acme-chanels' is no stream")
                                .contains("acme-channels"),
                        message ->
                                assertThat(message).contains("stream 'acme-replies'", "'acme-messages' is no stream"));
        assertThat(workshop.streams().all()).extracting(LiveStream::id).containsExactly("acme-channels");
    }

    @Test
    void refusesAStreamThatDescendsFromItself() {
        live(
                CHANNELS + "partitions: {stream: acme-messages, take: {channel: id}}\n",
                MESSAGES.replace("where: $.member", "rows: all"));
        assertThat(workshop.streams().withoutLost()).first().satisfies(problem -> assertThat(problem.message())
                .contains("descends from this stream itself"));
    }

    @Test
    void refusesExpressionsThatPartitionsDoNotHave() {
        assertThatThrownBy(() -> live(CHANNELS, MESSAGES.replace("${partition.channel}\"}", "${partition.id}\"}")))
                .hasMessageContaining("${partition.id} does not exist, partitions have channel");
        assertThatThrownBy(() -> live(CHANNELS, MESSAGES.replace("where: $.member", "group: 5")))
                .hasMessageContaining("${partition.channel} does not exist, partitions have group, group.channel");
    }

    private static Window days(String from, String to) {
        return new Window(Instant.parse(from), Instant.parse(to));
    }

    private Map<String, LiveStream> live(String... streams) {
        return live(workshop, streams);
    }

    private static Map<String, LiveStream> live(Workshop workshop, String... streams) {
        List<String> names = List.of("channels", "messages", "replies");
        String file = Workshop.vendor(
                URL,
                IntStream.range(0, streams.length)
                        .mapToObj(i -> Workshop.stream(names.get(i), streams[i]))
                        .toArray(String[]::new));
        return workshop.read(file).streams().stream()
                .collect(Collectors.toMap(
                        StreamDefinition::id, workshop::live, (one, other) -> one, LinkedHashMap::new));
    }

    private static LiveStream named(Map<String, LiveStream> all, String stream) {
        return Objects.requireNonNull(all.get(stream), stream);
    }

    private RunSummary later(Map<String, LiveStream> all, String stream) {
        clock.move(Duration.ofHours(1));
        // Only who is asked: what else is due by now is not part of the test.
        all.values().forEach(LiveStream::onlyWhenAsked);
        return pull(all, stream);
    }

    private RunSummary pull(Map<String, LiveStream> all, String stream) {
        return pull(all, RunRequest.now(), stream);
    }

    private RunSummary pull(Map<String, LiveStream> all, RunRequest request, String stream) {
        all.values().forEach(LiveStream::onlyWhenAsked);
        return new ByHand(this::answered).pull(List.copyOf(all.values()), named(all, stream), request);
    }

    private List<String> paths() {
        return asked.stream().map(request -> request.uri().getPath()).toList();
    }

    private static Map<String, String> query(Request request) {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = request.uri().getRawQuery();
        for (String each : raw == null ? new String[0] : raw.split("&")) {
            query.put(
                    each.substring(0, each.indexOf('=')),
                    URLDecoder.decode(each.substring(each.indexOf('=') + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    private static String channel(Request request) {
        return query(request).getOrDefault("channel", "");
    }

    private static String from(Request request) {
        return query(request).getOrDefault("from", "");
    }

    private static String ts(Request request) {
        return query(request).getOrDefault("ts", "");
    }

    private Answer answered(Request request) {
        asked.add(request);
        for (String key : List.of(request.uri().getPath(), channel(request), ts(request))) {
            if (refused.containsKey(key)) {
                return refused.get(key);
            }
        }
        Function<Request, List<String>> data =
                switch (request.uri().getPath()) {
                    case "/v1/channels" -> any -> List.copyOf(channels.values());
                    case "/v1/messages" -> this::messages;
                    default -> this::replies;
                };
        return answer(200, "{\"data\":[" + String.join(",", data.apply(request)) + "]}");
    }

    private List<String> messages(Request request) {
        double from = Double.parseDouble(query(request).get("from"));
        double to = Double.parseDouble(query(request).get("to"));
        return messages.getOrDefault(channel(request), List.of()).stream()
                .filter(message -> {
                    double ts = Double.parseDouble(message.substring(7, 24));
                    return ts >= from && ts < to;
                })
                .toList();
    }

    private List<String> replies(Request request) {
        int count = messages.values().stream()
                .flatMap(List::stream)
                .filter(message -> message.contains(ts(request)))
                .map(message -> message.replaceAll("\\D", "").substring(16))
                .mapToInt(Integer::parseInt)
                .sum();
        return ts(request).isEmpty()
                ? List.of()
                : IntStream.range(0, count).mapToObj("{\"id\":%d}"::formatted).toList();
    }
}
