package dev.caravan.app;

import dev.caravan.commit.RunHistory;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.slice.Span;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets reports and the history of runs go when they are old enough: after the first run of a process and then at most once an
 * hour. A run that found its stream held elsewhere leaves that to the holder. What cannot be deleted is left, with a warning. Safe for any number of threads.
 */
final class Retention implements Consumer<RunSummary> {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final Duration PAUSE = Duration.ofHours(1);
    /** Reports are named by their run, and a run's id begins with its time. */
    private static final Pattern REPORT = Pattern.compile("\\.?(\\d{8}T\\d{6}Z)-\\w+\\.(json|tmp)");

    private static final DateTimeFormatter RUN_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path data;
    private final RunHistory runs;
    private final Optional<Span> kept;
    private final Clock clock;
    private Instant next = Instant.MIN;

    /** @param kept how long they are kept, empty for ever */
    Retention(Path data, RunHistory runs, Optional<Span> kept, Clock clock) {
        this.data = data;
        this.runs = runs;
        this.kept = kept;
        this.clock = clock;
    }

    /**
     * Reads how long something is kept; empty means for ever.
     *
     * @throws IllegalArgumentException naming the setting, if {@code text} says no such time
     */
    static Optional<Span> span(String setting, String text) {
        if (text.equals("forever") || text.equals("0")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Span.parse(text)).filter(span -> !span.isZero());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s '%s' is no length of time: write 90d, 1y or forever".formatted(setting, text), e);
        }
    }

    @Override
    public synchronized void accept(RunSummary ended) {
        Instant now = clock.instant();
        if (kept.isPresent() && ended.status() != RunStatus.HELD && !now.isBefore(next)) {
            next = now.plus(PAUSE);
            deleteBefore(kept.get().before(now, ZoneOffset.UTC));
        }
    }

    private void deleteBefore(Instant oldest) {
        runs.prune(oldest);
        for (Path folder : List.of(data.resolve("reports"), data.resolve("stub").resolve("reports"))) {
            try {
                deleteReports(folder, RUN_TIME.format(oldest));
            } catch (IOException e) {
                LOG.warn("Old reports in {} could not be deleted: {}", folder, e.toString());
            }
        }
    }

    private static void deleteReports(Path folder, String oldest) throws IOException {
        try (DirectoryStream<Path> reports = Files.newDirectoryStream(folder, file -> isBefore(file, oldest))) {
            for (Path report : reports) {
                Files.deleteIfExists(report);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("No reports yet: {}", folder);
        }
    }

    private static boolean isBefore(Path file, String oldest) {
        var name = REPORT.matcher(file.getFileName().toString());
        return name.matches() && name.group(1).compareTo(oldest) < 0;
    }
}
