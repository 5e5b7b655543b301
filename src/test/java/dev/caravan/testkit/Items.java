package dev.caravan.testkit;

import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A list that grows at its end, as an API serves it: all of it or the span {@code from} to {@code to}, page by page, each
 * record with what a careless reader alters. The items were made at even steps in the last ten days. Safe for any number of
 * threads.
 */
public final class Items implements Function<Asked, Reply> {
    private static final Duration SPAN = Duration.ofDays(10);

    private final Instant first = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(SPAN);
    private final int most;
    private final int page;
    private final Duration step;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param most how many there can be
     * @param page records of a page
     * @param count how many there are at first
     */
    public Items(int most, int page, int count) {
        this.most = most;
        this.page = page;
        this.step = SPAN.dividedBy(most).truncatedTo(ChronoUnit.MILLIS);
        grow(count);
    }

    /** Makes them {@code more}. */
    public void grow(int more) {
        if (count.addAndGet(more) > most) {
            throw new IllegalArgumentException("Items of the future: " + count);
        }
    }

    /** Returns every record there is, as it is served. */
    public List<String> records() {
        return records(0, count.get());
    }

    @Override
    public Reply apply(Asked asked) {
        int start = asked.query("page").isEmpty() ? 0 : Integer.parseInt(asked.query("page"));
        int from = Math.max(start, before(asked.query("from"), 0));
        int to = Math.min(before(asked.query("to"), most), count.get());
        int end = Math.min(from + page, to);
        return Reply.page(records(from, end), end < to ? Integer.toString(end) : "");
    }

    /** Returns how many items were made before a time. */
    private int before(String time, int otherwise) {
        if (time.isEmpty()) {
            return otherwise;
        }
        long millis = Duration.between(first, Instant.parse(time)).toMillis();
        return millis <= 0 ? 0 : (int) Math.min(most, (millis - 1) / step.toMillis() + 1);
    }

    private List<String> records(int from, int to) {
        return IntStream.range(from, to).mapToObj(this::record).toList();
    }

    private String record(int number) {
        return "{\"id\":\"item-%06d\",\"created\":\"%s\",\"amount\":%d.10,\"exact\":12345678901234567890.%d0,\"text\":\"nä\\u00efve \\\"%d\\\" 🚀\"}"
                .formatted(number, first.plus(step.multipliedBy(number)), number, number, number);
    }
}
