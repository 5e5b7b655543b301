package dev.caravan.page;

import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What expressions may use.
 *
 * @param window what the slice covers, null if it has none
 * @param format how times are written unless an expression says otherwise
 * @param zone of calendar days
 * @param page which page is asked
 * @param vars values given to the run, {@code --var name=value}
 * @param runStart when the run began
 * @param now when the request is made
 * @param values all else by what expressions call it: {@code run.id}, {@code connection.name}, {@code job.id}, {@code record.id}
 */
public record RenderContext(
        @Nullable Window window,
        CursorFormat format,
        ZoneId zone,
        Partition partition,
        Position page,
        Map<String, String> vars,
        Instant runStart,
        Instant now,
        Map<String, String> values) {
    public RenderContext {
        vars = Map.copyOf(vars);
        values = Map.copyOf(values);
    }

    /** What is asked at the very start of a run, with nothing else known. */
    public RenderContext(
            @Nullable Window window,
            CursorFormat format,
            ZoneId zone,
            Partition partition,
            Position page,
            Map<String, String> vars,
            Instant runStart) {
        this(window, format, zone, partition, page, vars, runStart, runStart, Map.of());
    }

    /** Returns this for another page of the same slice. */
    public RenderContext at(Position position) {
        return new RenderContext(window, format, zone, partition, position, vars, runStart, now, values);
    }

    /** Returns this with more values. */
    public RenderContext with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(values);
        all.putAll(more);
        return new RenderContext(window, format, zone, partition, page, vars, runStart, now, all);
    }

    String value(String name) {
        return values.getOrDefault(name, "");
    }
}
