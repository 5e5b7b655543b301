package dev.caravan.testkit;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The list of an API that knows {@code from}, {@code to} and {@code page}: what it answers to an address. One order is made
 * every so often, and its id is its place among all.
 */
public record Orders(Instant first, Duration step, long count, int pageSize) {
    public String answer(URI uri) {
        Map<String, String> query = FakeApi.query(uri);
        Instant from = query.containsKey("from") ? Instant.parse(query.get("from")) : Instant.MIN;
        Instant to = query.containsKey("to") ? Instant.parse(query.get("to")) : Instant.MAX;
        int page = Integer.parseInt(query.getOrDefault("page", "1"));
        List<Long> ids = LongStream.range(0, count)
                .filter(id -> !at(id).isBefore(from) && at(id).isBefore(to))
                .boxed()
                .toList();
        String records = ids.stream()
                .skip((page - 1L) * pageSize)
                .limit(pageSize)
                .map(this::order)
                .collect(Collectors.joining(","));
        String next = (long) page * pageSize < ids.size() ? ",\"next\":\"%d\"".formatted(page + 1) : "";
        return "{\"data\":[%s]%s}".formatted(records, next);
    }

    private String order(long id) {
        return "{\"id\":%d,\"amount\":1.10,\"at\":\"%s\",\"status\":\"%s\"}"
                .formatted(id, at(id), id % 4 == 0 ? "deleted" : "open");
    }

    private Instant at(long id) {
        return first.plus(step.multipliedBy(id));
    }
}
