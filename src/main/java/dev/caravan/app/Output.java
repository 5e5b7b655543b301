package dev.caravan.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.caravan.run.RunSummary;
import dev.caravan.sink.Reject;
import java.time.Duration;
import java.util.List;

/** How commands write what they found. */
final class Output {
    static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private static final int MOST_RAW = 500;

    private Output() {}

    /** Returns a summary as one line for people. */
    static String line(RunSummary summary) {
        StringBuilder line = new StringBuilder("%-32s %-8s %,d rows in %,d pages, %s"
                .formatted(
                        summary.stream(),
                        summary.status().text(),
                        summary.rows(),
                        summary.pages(),
                        seconds(Duration.between(summary.started(), summary.ended()))));
        count(line, summary.duplicates(), "seen before");
        count(line, summary.rejected(), "rejected");
        count(line, summary.undated(), "without a date");
        count(line, summary.retries(), "retries");
        if (summary.origin().equals("stub")) {
            line.append(" (sandbox)");
        }
        if (summary.error() != null) {
            line.append("\n    ").append(summary.error());
        }
        return line.toString();
    }

    /** Returns a rejected record as one line, cut where it is long. */
    static String line(Reject reject) {
        String raw = reject.raw().replaceAll("\\s+", " ");
        return "! rejected because %s: %s"
                .formatted(reject.reason(), raw.length() <= MOST_RAW ? raw : raw.substring(0, MOST_RAW) + "…");
    }

    private static void count(StringBuilder line, long count, String what) {
        if (count > 0) {
            line.append(", %,d %s".formatted(count, what));
        }
    }

    static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }

    /** Returns rows of cells as text with aligned columns. */
    static String table(List<List<String>> rows) {
        int columns = rows.isEmpty() ? 0 : rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            table.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return table.toString();
    }
}
