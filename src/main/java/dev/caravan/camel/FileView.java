package dev.caravan.camel;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@code routes/}, for those who watch.
 *
 * @param file its name, with {@code shared/} or {@code templates/} before it
 * @param state {@code good}; {@code bad}: what is in it is not used, and what was good before runs on; {@code copy}: it was bad
 *     when the process began, and its last good copy runs; {@code changing}: a change waits for the runs under way to reach a page
 *     border
 * @param since when it came to this
 * @param streams ids of the streams that run by it
 * @param mistakes what is wrong with it
 */
public record FileView(String file, String state, Instant since, List<String> streams, List<Mistake> mistakes) {
    /**
     * One thing that is wrong.
     *
     * @param stream id of the stream that has it, "" if the whole file has
     * @param line where, null if that is not known
     * @param message file, line, cause and remedy
     */
    public record Mistake(String stream, @Nullable Integer line, String message) {}
}
