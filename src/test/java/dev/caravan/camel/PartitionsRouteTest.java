package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.ConnectionCheck;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Threads;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Partitions and cursors of every kind, through the real route. */
@Timeout(60)
class PartitionsRouteTest {
    private static final String SKIPPING =
            "        outcomes: [{status: 404, then: skip-slice}, {status: 410, then: resync}]\n";

    private static final String LISTED = """
                    path: /%s
                    query: {place: "${partition.place}"}
                    partitions: {of: place, values: "%s"}
                    records: $.data
                    key: [place, id]
                    """;

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-02-01T00:00:00Z");
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();

    PartitionsRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void pullsThreeLevelsOfParentsEachAfterTheOneAbove() throws Exception {
        Threads threads = new Threads(api);
        try (LoadedRoutes routes = load(Threads.STREAMS)) {
            RunSummary replies = routes.pull("acme-replies").get(0);
            assertThat(replies.status()).as(replies.error()).isEqualTo(RunStatus.DONE);
            assertThat(replies.rows()).isEqualTo(3);
            assertThat(threads.api().asked("/channels")).isNotEmpty();
            assertThat(threads.api().asked("/messages"))
                    .extracting(asked -> asked.query("channel"))
                    .contains("C1", "C3", "C4")
                    .doesNotContain("C2");
            Landed.in(folder.resolve("data"), "acme/replies")
                    .assertExactlyOnce(
                            List.of("C1/1767400000.000200/1", "C1/1767400000.000200/2", "C3/1767500000.000001/1"),
                            "channel",
                            "parent",
                            "id");
        }
    }

    @Test
    void aRefusedPartitionLeavesTheRunPartialAndGoesOnWhereItWas() throws Exception {
        Threads threads = new Threads(api);
        threads.refuse("C3");
        try (LoadedRoutes routes = load(Threads.STREAMS)) {
            RunSummary partial = routes.pull("acme-messages").get(0);
            assertThat(partial.status()).isEqualTo(RunStatus.PARTIAL);
            assertThat(partial.rows()).isEqualTo(2);
            assertThat(partial.error()).contains("channel=C3", "skipped: HTTP 404");
            threads.allowAll();
            clock.move(Duration.ofDays(1));
            api.forget();
            RunSummary mended = routes.pull("acme-messages").get(0);
            assertThat(mended.status()).as(mended.error()).isEqualTo(RunStatus.DONE);
            assertThat(mended.rows()).isEqualTo(1);
            assertThat(api.asked("/messages"))
                    .extracting(asked -> asked.query("channel") + " " + asked.query("oldest"))
                    .contains("C1 1769904000.000000", "C3 1767225600.000000", "C4 1769904000.000000");
        }
    }

    @Test
    void asksWithATokenAndForAllWhenItHasExpired() throws Exception {
        api.on("/changes", asked -> switch (asked.query("since")) {
            case "" -> Reply.ok("{\"data\":[{\"id\":1},{\"id\":2}],\"token\":\"t1\"}");
            case "t1" -> Reply.ok("{\"data\":[{\"id\":3}],\"token\":\"t2\"}");
            default -> Reply.status(410).json("{}");
        });
        try (LoadedRoutes routes = load(List.of(Workshop.stream(
                "changes", "path: /changes\nrecords: $.data\nkey: id\ncursor: {token: $.token, to: query.since}\n")))) {
            for (RunStatus each : List.of(RunStatus.DONE, RunStatus.DONE, RunStatus.DONE)) {
                assertThat(routes.pull("acme-changes").get(0).status()).isEqualTo(each);
            }
        }
        assertThat(api.asked("/changes"))
                .extracting(asked -> asked.query("since"))
                .containsExactly("", "t1", "t2", "");
        assertThat(workshop.ids("acme/changes")).containsExactly(1L, 2L, 3L);
    }

    @Test
    void listsEverythingByOtherRequestsWhenTheTokenIsTooOldAndAsksOnceForWhatChangedTwice() throws Exception {
        List<String> marks = new ArrayList<>(List.of("t1", "t2"));
        api.on("/mark", asked -> Reply.ok("{\"at\":\"%s\"}".formatted(marks.remove(0))));
        api.on(
                "/all",
                asked -> Reply.ok(
                        asked.query("page").isEmpty()
                                ? "{\"items\":[{\"id\":3},{\"id\":2}],\"next\":\"p2\"}"
                                : "{\"items\":[{\"id\":1}]}"));
        api.on("/changes", asked -> switch (asked.query("since")) {
            case "t1" ->
                Reply.ok("{\"log\":[{\"items\":[{\"id\":2}]},{\"items\":[{\"id\":2},{\"id\":4}]}],\"at\":\"old\"}");
            case "t2" -> Reply.ok("{\"at\":\"t2\"}");
            default -> Reply.status(410).json("{}");
        });
        for (int id = 1; id <= 4; id++) {
            String item = "{\"id\":%d}".formatted(id);
            api.on("/items/" + id, asked -> Reply.ok(item));
        }
        try (LoadedRoutes routes = load(List.of(Workshop.stream("items", """
                path: /changes
                records: {path: "$.log[*].items[*]", optional: true}
                key: id
                next: {from: body, value: $.next, to: query.page}
                cursor: {token: $.at, to: query.since, start: {path: /mark, value: $.at}, full: {path: /all, records: $.items}}
                detail: {path: "/items/${record.id}"}
                """)))) {
            assertThat(routes.pull("acme-items").get(0).rows()).isEqualTo(3);
            RunSummary changes = routes.pull("acme-items").get(0);
            assertThat(changes.rows()).as(changes.error()).isEqualTo(1);
            assertThat(changes.duplicates()).isEqualTo(2);
            assertThat(api.asked("/items/2")).as("once for each run").hasSize(2);

            api.forget();
            RunSummary some = routes.pull("acme-items").get(0);
            assertThat(some.duplicates()).as(some.error()).isEqualTo(3);
            assertThat(api.asked())
                    .extracting(asked -> asked.uri().toString())
                    .filteredOn(uri -> !uri.startsWith("/items"))
                    .containsExactly("/changes?since=old", "/mark", "/all", "/all?page=p2");
            api.forget();
            assertThat(routes.pull("acme-items").get(0).status()).isEqualTo(RunStatus.DONE);
            assertThat(api.asked()).extracting(asked -> asked.uri().toString()).containsExactly("/changes?since=t2");
        }
        assertThat(workshop.ids("acme/items")).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void sharesRequestsAmongAProductOfPartitions() throws Exception {
        api.on("/reports", asked -> Reply.ok("{\"data\":[{\"id\":\"%s\"}]}".formatted(asked.query("channel"))));
        try (LoadedRoutes routes = load(List.of(Workshop.stream("reports", """
                path: /reports
                query: {channel: "${partition.group.channel}", archived: "${partition.group.archived}"}
                partitions: {product: {channel: [email, sms], archived: [true, false]}, group: 3}
                records: $.data
                key: id
                """)))) {
            assertThat(routes.pull("acme-reports").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(api.asked("/reports"))
                .extracting(asked -> asked.query("channel") + " " + asked.query("archived"))
                .containsExactly("email,email,sms true,false,true", "sms false");
    }

    @Test
    void aCheckAsksEachPartitionForAPageAndNamesThoseThatRefuse() throws Exception {
        Threads threads = new Threads(api);
        threads.refuse("C3");
        try (LoadedRoutes routes = load(Threads.STREAMS)) {
            assertThat(check(routes).line())
                    .contains(
                            "partial: acme-messages channel=C3@", "HTTP 404: channel_not_found", "1 of 2 streams work")
                    .doesNotContain("channel=C1", "channel=C4");
            assertThat(api.asked("/messages"))
                    .extracting(asked -> asked.query("channel"))
                    .containsExactlyInAnyOrder("C1", "C3", "C4");
            assertThat(api.asked("/replies")).isEmpty();
        }
    }

    @Test
    void aCheckAsksNoMorePartitionsThanItMayNorWhenAllRefuse() throws Exception {
        String places = IntStream.range(0, 60).mapToObj(Integer::toString).collect(Collectors.joining(","));
        List<String> streams = List.of(
                Workshop.stream("days", LISTED.formatted("days", places)),
                Workshop.stream("hours", LISTED.formatted("hours", places)));
        AtomicBoolean refused = new AtomicBoolean();
        api.on("/days", asked -> refused.get() ? Reply.status(404).json("{}") : Reply.ok("{\"data\":[{\"id\":1}]}"));
        api.on("/hours", asked -> Reply.ok("{\"data\":[{\"id\":1}]}"));
        try (LoadedRoutes routes = load(streams)) {
            assertThat(check(routes).line()).contains("works: acme-days, acme-hours answered 51 requests");
            assertThat(api.asked("/days"))
                    .extracting(asked -> asked.query("place"))
                    .doesNotHaveDuplicates();
            refused.set(true);
            api.forget();
            assertThat(check(routes).line()).contains("failed: acme-days place=0@all: ");
            assertThat(api.asked("/days")).hasSize(5);
        }
    }

    private ConnectionCheck check(LoadedRoutes routes) throws Exception {
        List<LiveStream> streams = routes.streams().all();
        streams.forEach(LiveStream::onlyWhenAsked);
        if (!routes.context().isStarted()) {
            routes.context().start();
        }
        return ConnectionCheck.of(streams);
    }

    private LoadedRoutes load(List<String> streams) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(
                routes.resolve("acme.camel.yaml"),
                Workshop.vendor(api.url() + "\n" + SKIPPING.stripTrailing(), streams.toArray(String[]::new)));
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }
}
