package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.page.PageContent;
import dev.caravan.page.SyncMark;
import dev.caravan.page.SyncSettings;
import dev.caravan.page.SyncSettings.Take;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The token that a slice asks with for what changed, and the one that its answers give for the next run. For one thread.
 */
final class SliceToken {
    private final @Nullable SyncSettings settings;
    private @Nullable String asked;
    private @Nullable String given;

    /**
     * @param settings null for a stream without one
     * @param last what the last run was given, null if there was none
     * @param left what the slice had when it was left in its middle, null if it begins
     */
    SliceToken(@Nullable SyncSettings settings, @Nullable String last, @Nullable SyncMark left) {
        this.settings = settings;
        this.asked = left == null ? last : left.asked();
        this.given = left == null ? null : left.given();
    }

    /** Returns what to ask with, null for everything. */
    @Nullable
    String asked() {
        return asked;
    }

    /** Whether everything is asked for, by requests of their own. */
    boolean isFull() {
        return settings != null && settings.full() != null && asked == null;
    }

    /** Whether a request of its own has to give the first token. */
    boolean isToBeStarted() {
        return settings != null && settings.isStarted() && asked == null && given == null;
    }

    /** Takes the first token from the answer to that request; returns whether there was one. */
    boolean start(Answer answer) {
        Optional<String> first =
                Optional.ofNullable(settings).map(SyncSettings::start).flatMap(start -> start.in(answer.body()));
        given = first.orElse(null);
        asked = isFull() ? null : given;
        return first.isPresent();
    }

    /** Takes the token of a page; behind a first one, everything is listed without: it is older than the list, and nothing is missed. */
    void page(PageContent content) {
        if (settings != null && settings.isStarted() && asked == null) {
            return;
        }
        if (settings != null && (given == null || settings.take() == Take.LAST_PAGE || given.equals(asked))) {
            String found = content.captured().get(settings.token().toString());
            given = found == null || found.isBlank() ? given : found;
        }
    }

    /** Forgets a token that is no longer valid; returns whether there was one. */
    boolean forget() {
        boolean had = asked != null;
        asked = null;
        given = null;
        return had;
    }

    /** Begins anew with the same token. */
    void restart() {
        given = null;
    }

    /** Returns what a run needs to know that goes on in the middle of the slice; null without a token. */
    @Nullable
    SyncMark mark() {
        return settings == null ? null : new SyncMark(asked, given);
    }

    /** Returns what the next run asks with; empty if there is nothing new to remember. */
    Optional<String> given() {
        return settings == null ? Optional.empty() : Optional.ofNullable(given);
    }
}
