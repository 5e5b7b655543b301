package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How far one partition has come.
 *
 * @param partition which one
 * @param checkpoint where the next run resumes, before lookback; null before anything finished
 * @param token what the vendor gave to ask for changes with, null if it gave none
 * @param etag validator of an answer that held the whole partition, null if there is none
 * @param open the span that is planned and not done from its beginning on; null if nothing is, or if the stream is not
 *     pulled by spans
 * @param slices the slices of {@code open} that anything is known of, in order: done behind one that is not, or begun. What
 *     lies between them was never touched, and is cut into slices when a run needs them
 * @param absent since when the stream does not have this partition any more; null as long as it has
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PartitionProgress(
        Partition partition,
        @Nullable Instant checkpoint,
        @Nullable String token,
        @Nullable String etag,
        @Nullable Window open,
        List<SliceProgress> slices,
        @Nullable Instant absent) {
    public PartitionProgress {
        List<SliceProgress> known = slices == null ? List.of() : slices;
        open = open == null ? span(known) : open;
        slices = known.stream().filter(SliceProgress::isTouched).toList();
    }

    /** Commits of version 0.1 list every planned slice instead of the span they cover. */
    private static @Nullable Window span(List<SliceProgress> slices) {
        Window first = slices.isEmpty() ? null : slices.get(0).window();
        Window last = slices.isEmpty() ? null : slices.get(slices.size() - 1).window();
        return first == null || last == null ? null : new Window(first.from(), last.to());
    }

    /** Returns how far both have come; where they differ, only a checkpoint, the lesser one. */
    PartitionProgress least(PartitionProgress other) {
        if (equals(other)) {
            return this;
        }
        Instant one = checkpoint;
        Instant two = other.checkpoint;
        Instant reached = one == null || two == null ? null : one.isBefore(two) ? one : two;
        return new PartitionProgress(partition, reached, null, null, null, List.of(), absent);
    }

    static PartitionProgress untouched(Partition partition) {
        return new PartitionProgress(partition, null, null, null, null, List.of(), null);
    }

    PartitionProgress withOpen(@Nullable Window span) {
        return new PartitionProgress(partition, checkpoint, token, etag, span, slices, absent);
    }

    /** Returns this with nothing known of open slices but of those whose window is wanted. */
    PartitionProgress withSlices(Predicate<Window> wanted) {
        return new PartitionProgress(
                partition,
                checkpoint,
                token,
                etag,
                open,
                slices.stream()
                        .filter(slice -> wanted.test(Objects.requireNonNull(slice.window())))
                        .toList(),
                absent);
    }

    /** Returns this without what is open: a list that shifts between runs begins anew with every one. */
    PartitionProgress withNothingOpen() {
        return open == null && slices.isEmpty()
                ? this
                : new PartitionProgress(partition, checkpoint, token, etag, null, List.of(), absent);
    }

    /** Returns this without slices that are not windows: a list without them begins anew with every run. */
    PartitionProgress withWindowsOnly() {
        return new PartitionProgress(
                partition,
                checkpoint,
                token,
                etag,
                open,
                slices.stream().filter(slice -> slice.window() != null).toList(),
                absent);
    }

    /** Returns this without anything before {@code bound}, which cannot be pulled any more. */
    PartitionProgress notBefore(Instant bound) {
        Window left = open;
        if (left == null || !left.from().isBefore(bound)) {
            return this;
        }
        Window rest = bound.isBefore(left.to()) ? new Window(bound, left.to()) : null;
        List<SliceProgress> behind = slices.stream()
                .filter(slice -> !Objects.requireNonNull(slice.window()).from().isBefore(bound))
                .toList();
        return new PartitionProgress(
                partition, checkpoint, token, etag, rest, rest == null ? List.of() : behind, absent);
    }

    PartitionProgress withoutPositions() {
        return new PartitionProgress(
                partition,
                checkpoint,
                token,
                null,
                open,
                slices.stream()
                        .map(slice -> new SliceProgress(slice.window(), slice.done(), null, slice.greatest()))
                        .toList(),
                absent);
    }

    PartitionProgress withAbsent(@Nullable Instant since) {
        return Objects.equals(since, absent)
                ? this
                : new PartitionProgress(partition, checkpoint, token, etag, open, slices, since);
    }

    /** Returns this as it would be had everything before {@code reached} been pulled, and of the time behind it all but {@code spans}. */
    PartitionProgress withCheckpoint(@Nullable Instant reached, List<Window> spans) {
        if (spans.isEmpty()) {
            return new PartitionProgress(partition, reached, token, null, null, List.of(), absent);
        }
        List<SliceProgress> between = new ArrayList<>();
        for (int i = 1; i < spans.size(); i++) {
            Instant from = spans.get(i - 1).to();
            if (from.isBefore(spans.get(i).from())) {
                between.add(new SliceProgress(new Window(from, spans.get(i).from()), true, null, null));
            }
        }
        Window all = new Window(spans.get(0).from(), spans.get(spans.size() - 1).to());
        return new PartitionProgress(partition, reached, token, null, all, between, absent);
    }

    /** Returns the spans that are planned and not done, in order; empty for a stream that is not pulled by spans. */
    public List<Window> unfinished() {
        List<Window> spans = new ArrayList<>();
        if (open == null) {
            return spans;
        }
        Instant from = open.from();
        for (SliceProgress slice : slices) {
            Window window = slice.window();
            if (window != null && slice.done()) {
                if (from.isBefore(window.from())) {
                    spans.add(new Window(from, window.from()));
                }
                from = window.to();
            }
        }
        if (from.isBefore(open.to())) {
            spans.add(new Window(from, open.to()));
        }
        return spans;
    }

    /** Whether nothing is planned that is not done. */
    @JsonIgnore
    public boolean isFinished() {
        return open == null && slices.isEmpty();
    }

    /** Whether there is nothing to remember but that there is such a partition. */
    @JsonIgnore
    boolean isBlank() {
        return isFinished() && checkpoint == null && token == null && etag == null;
    }

    PartitionProgress withEtag(@Nullable String newEtag) {
        return Objects.equals(etag, newEtag)
                ? this
                : new PartitionProgress(partition, checkpoint, token, newEtag, open, slices, absent);
    }

    PartitionProgress withToken(@Nullable String newToken) {
        return Objects.equals(token, newToken)
                ? this
                : new PartitionProgress(partition, checkpoint, newToken, etag, open, slices, absent);
    }

    /**
     * Returns this with what is now known of a slice, finished slices at the front folded into the checkpoint. A slice that
     * was split gives way to its parts.
     */
    PartitionProgress with(SliceProgress update, boolean ascending) {
        Window window = update.window();
        if (window == null) {
            return new PartitionProgress(
                    partition, checkpoint, token, etag, open, update.done() ? List.of() : List.of(update), absent);
        }
        List<SliceProgress> rest = new ArrayList<>(slices);
        rest.removeIf(each -> each.window() == null || overlap(each.window(), window));
        int at = 0;
        while (at < rest.size() && begin(rest.get(at)).isBefore(window.from())) {
            at++;
        }
        rest.add(at, update);
        return folded(rest, open == null ? window : open, ascending);
    }

    private PartitionProgress folded(List<SliceProgress> rest, Window span, boolean ascending) {
        Instant reached = checkpoint;
        Instant from = span.from();
        while (!rest.isEmpty() && rest.get(0).done() && !begin(rest.get(0)).isAfter(from)) {
            SliceProgress finished = rest.remove(0);
            Instant end = Objects.requireNonNull(finished.window()).to();
            reached = later(reached, ascending ? finished.greatest() : end);
            from = end;
        }
        Window left = from.isBefore(span.to()) ? new Window(from, span.to()) : null;
        return new PartitionProgress(partition, reached, token, etag, left, rest, absent);
    }

    private static Instant begin(SliceProgress slice) {
        return Objects.requireNonNull(slice.window(), "A slice without a window among slices with one")
                .from();
    }

    private static boolean overlap(Window one, Window other) {
        return one.from().isBefore(other.to()) && other.from().isBefore(one.to());
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }
}
