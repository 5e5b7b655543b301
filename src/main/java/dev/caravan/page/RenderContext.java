package dev.caravan.page;

import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.time.Instant;
import java.time.ZoneId;
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
 */
public record RenderContext(
        @Nullable Window window,
        CursorFormat format,
        ZoneId zone,
        Partition partition,
        Position page,
        Map<String, String> vars,
        Instant runStart) {
    public RenderContext {
        vars = Map.copyOf(vars);
    }

    /** Returns this for another page of the same slice. */
    public RenderContext at(Position position) {
        return new RenderContext(window, format, zone, partition, position, vars, runStart);
    }
}
