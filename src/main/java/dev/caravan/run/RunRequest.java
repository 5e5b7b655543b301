package dev.caravan.run;

import dev.caravan.slice.Window;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks a stream for a run, whether or not it is due.
 *
 * @param backfill span to pull without moving the forward cursor, null for an ordinary run
 * @param limit rows after which the run stops at the next page border, 0 for none
 * @param trial how to show what is pulled without keeping it, null to keep it
 * @param vars values for {@code ${vars.<name>}} in the stream's requests
 * @param done completed with the summary when the run has ended
 */
public record RunRequest(
        @Nullable Window backfill,
        long limit,
        @Nullable Trial trial,
        Map<String, String> vars,
        CompletableFuture<RunSummary> done) {
    public RunRequest {
        vars = Map.copyOf(vars);
    }

    public static RunRequest now() {
        return new RunRequest(null, 0, null, Map.of(), new CompletableFuture<>());
    }
}
