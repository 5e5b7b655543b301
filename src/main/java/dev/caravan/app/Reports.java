package dev.caravan.app;

import dev.caravan.run.RunSummaries;
import dev.caravan.run.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/** Writes run summaries to {@code data/reports/<run>.json}, those of the sandbox below {@code data/stub/}. */
final class Reports implements Consumer<RunSummary> {
    private final Path data;

    Reports(Path data) {
        this.data = data;
    }

    @Override
    public void accept(RunSummary summary) {
        Path base = summary.origin().equals("stub") ? data.resolve("stub") : data;
        Path folder = base.resolve("reports");
        Path file = folder.resolve(summary.run() + ".json");
        Path whole = folder.resolve("." + summary.run() + ".tmp");
        try {
            Files.createDirectories(folder);
            try {
                Files.writeString(whole, RunSummaries.write(summary) + "\n", StandardCharsets.UTF_8);
                Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report " + file, e);
        }
    }
}
