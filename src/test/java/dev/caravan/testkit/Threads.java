package dev.caravan.testkit;

import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An API of channels, their messages and the replies to these, each asked for by the one above. Of January 2026. */
public final class Threads {
    /** Three streams, each the partitions of the next. */
    public static final List<String> STREAMS = List.of(
            Workshop.stream("channels", """
                    path: /channels
                    records: $.data
                    key: id
                    disposition: merge
                    """), Workshop.stream("messages", """
                    path: /messages
                    query: {channel: "${partition.channel}", oldest: "${window.from}", latest: "${window.to}"}
                    partitions: {stream: acme-channels, take: {channel: id}, where: $.member}
                    records: $.data
                    key: [channel, ts]
                    add-fields: {channel: "${partition.channel}"}
                    cursor: {field: ts, format: epoch-decimal, order: descending}
                    start: "2026-01-01"
                    parallel: 4
                    """), Workshop.stream("replies", """
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
                    parallel: 4
                    """));

    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final FakeApi api;

    public Threads(FakeApi api) {
        this.api = api.on("/channels", asked -> channels())
                .on("/messages", this::messages)
                .on("/replies", this::replies);
    }

    /** Answers 404 for a channel from now on. */
    public void refuse(String channel) {
        refused.add(channel);
    }

    public void allowAll() {
        refused.clear();
    }

    private static Reply channels() {
        return Reply.ok("{\"data\":[{\"id\":\"C1\",\"member\":true},{\"id\":\"C2\",\"member\":false},"
                + "{\"id\":\"C3\",\"member\":true},{\"id\":\"C4\",\"member\":true}]}");
    }

    private Reply messages(Asked asked) {
        if (refused.contains(asked.query("channel"))) {
            return Reply.status(404).json("{\"error\":\"channel_not_found\"}");
        }
        Map<String, String> messages = Map.of(
                "C1", "{\"ts\":\"1767400000.000200\",\"replies\":2},{\"ts\":\"1767300000.000100\",\"replies\":0}",
                "C3", "{\"ts\":\"1767500000.000001\",\"replies\":1}");
        boolean first = asked.query("oldest").startsWith("17672256");
        return Reply.ok("{\"data\":[%s]}".formatted(first ? messages.getOrDefault(asked.query("channel"), "") : ""));
    }

    private Reply replies(Asked asked) {
        if (refused.contains(asked.query("channel"))) {
            return Reply.status(404).json("{\"error\":\"channel_not_found\"}");
        }
        return Reply.ok(
                asked.query("ts").endsWith("200") ? "{\"data\":[{\"id\":1},{\"id\":2}]}" : "{\"data\":[{\"id\":1}]}");
    }

    public FakeApi api() {
        return api;
    }
}
