package dev.caravan.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A slice of a run, for those who watch.
 *
 * @param slice its id
 * @param step the step it stands at, or how it ended: {@code queued}, {@code fetch}, {@code records}, {@code write},
 *     {@code commit}, {@code done}, {@code paused}, {@code skipped}, {@code failed}
 * @param since when it came there
 * @param page pages taken in so far
 * @param rows rows committed in this run
 * @param percent how much of it is pulled
 * @param waitingFor what it waits for, null if for nothing
 * @param waitingUntil until when, null if that cannot be told
 */
public record SliceView(
        String slice,
        String step,
        Instant since,
        long page,
        long rows,
        double percent,
        @Nullable String waitingFor,
        @Nullable Instant waitingUntil) {
    static SliceView of(Pull pull) {
        Whereabouts at = pull.whereabouts();
        Wait wait = at.waiting().orElse(null);
        return new SliceView(
                pull.name(),
                at.step(),
                at.since(),
                at.page(),
                at.rows(),
                Math.floor(pull.share().done() * 100),
                wait == null ? null : wait.what(),
                wait == null ? null : wait.until());
    }
}
