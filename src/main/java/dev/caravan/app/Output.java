package dev.caravan.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.caravan.run.RunSummary;
import java.time.Duration;
import java.util.List;

/** How commands write what they found. */
final class Output {
    static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

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
        count(line, summary.retries(), "retries");
        if (summary.origin().equals("stub")) {
            line.append(" (sandbox)");
        }
        if (summary.error() != null) {
            line.append("\n    ").append(summary.error());
        }
        return line.toString();
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
