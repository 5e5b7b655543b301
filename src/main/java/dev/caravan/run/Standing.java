package dev.caravan.run;

import dev.caravan.commit.LeaseHeldException;
import dev.caravan.commit.LeaseLostException;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a run stands: what is finished, what failed, why it pauses; and so how it ends. Safe for any number of threads. */
final class Standing {
    private static final int MOST_ERRORS = 5;

    private final String stream;
    private final Map<String, Exception> failures = new LinkedHashMap<>();
    private int finished;
    private @Nullable String pausedBy;
    private @Nullable Exception failure;

    Standing(String stream) {
        this.stream = stream;
    }

    synchronized void finished() {
        finished++;
    }

    /** Returns how many slices are done. */
    synchronized int done() {
        return finished;
    }

    /** Whether each of {@code slices} slices is done and nothing failed. */
    synchronized boolean isWhole(int slices) {
        return finished == slices && failure == null && failures.isEmpty();
    }

    /** Ends the run at the next page border; the first reason counts. */
    synchronized void pause(String reason) {
        if (pausedBy == null) {
            pausedBy = reason;
        }
    }

    synchronized void failed(String part, Exception problem) {
        PullException ours = PullException.in(problem).orElse(null);
        if (ours instanceof LeaseLostException) {
            // No slice of this run can commit any more.
            failed(ours);
            return;
        }
        failures.put(part, problem);
    }

    /** Remembers a failure that is not of one slice; the first counts. */
    synchronized void failed(Exception problem) {
        if (failure == null) {
            failure = problem;
        }
    }

    /** A full refresh counts when it is whole, so it must not look well when it is not. */
    synchronized void incomplete(boolean fullRefresh) {
        if (fullRefresh && (status() == RunStatus.DONE || isOnlySkipped())) {
            failed(new PullException(
                    Remedy.STOP,
                    stream + ": the full refresh is not complete, slices were skipped; what was committed before still"
                            + " counts. Pull with --full-refresh again: it goes on from here"));
        }
    }

    private boolean isOnlySkipped() {
        return failure == null
                && !failures.isEmpty()
                && failures.values().stream().allMatch(each -> PullException.in(each)
                        .filter(ours -> ours.remedy() == Remedy.SKIP_SLICE)
                        .isPresent());
    }

    /** Whether so many parts failed, and none is done, that the others would fail alike. */
    synchronized boolean isHopeless() {
        return finished == 0 && failures.size() >= MOST_ERRORS;
    }

    /** Returns why no slice may go on, empty if they may. */
    synchronized Optional<String> obstacle() {
        if (pausedBy != null) {
            return Optional.of(pausedBy);
        }
        return failure == null ? Optional.empty() : Optional.of("the run has failed");
    }

    synchronized RunStatus status() {
        if (failure instanceof NotConfiguredException) {
            return RunStatus.NOT_CONFIGURED;
        }
        if (failure instanceof LeaseHeldException) {
            return RunStatus.HELD;
        }
        if (failure != null) {
            return RunStatus.FAILED;
        }
        if (!failures.isEmpty()) {
            return finished > 0 ? RunStatus.PARTIAL : RunStatus.FAILED;
        }
        return pausedBy != null ? RunStatus.PAUSED : RunStatus.DONE;
    }

    /** Returns what went wrong, as one text; null if nothing did. Secrets are not masked yet. */
    synchronized @Nullable String error() {
        List<String> texts = new ArrayList<>();
        if (failure != null) {
            texts.add(text(failure));
        }
        failures.entrySet().stream()
                .limit(MOST_ERRORS)
                .map(each -> labelled(each.getKey(), text(each.getValue())))
                .forEach(texts::add);
        if (failures.size() > MOST_ERRORS) {
            texts.add("and %d more slices".formatted(failures.size() - MOST_ERRORS));
        }
        if (texts.isEmpty() && pausedBy != null) {
            texts.add(pausedBy.startsWith("paused ") ? pausedBy : "paused: " + pausedBy);
        }
        return texts.isEmpty() ? null : String.join("; ", texts);
    }

    /** Disks, databases and the stream's own steps do not know which slice they worked for. */
    private String labelled(String part, String text) {
        String label = stream + " " + part + ": ";
        if (text.startsWith(label)) {
            return text;
        }
        return label + (text.startsWith(stream + ": ") ? text.substring(stream.length() + 2) : text);
    }

    /** Returns the message of the failure that says most: ours if there is one, the deepest otherwise. */
    private static String text(Exception problem) {
        return PullException.in(problem).map(Throwable::getMessage).orElseGet(() -> {
            Throwable deepest = problem;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            return deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
        });
    }
}
