package dev.caravan.manage;

import dev.caravan.run.By;
import dev.caravan.run.DryRun;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Steering;
import dev.caravan.run.StreamView;
import dev.caravan.run.Streams;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Streams over HTTP: looked at by GET, steered by POST. Each action answers with the stream as it is then. */
@RestController
@RequestMapping(path = "/api/streams", produces = MediaType.APPLICATION_JSON_VALUE)
final class StreamsApi {
    private static final int DRY_RUN_SECONDS = 30;
    private static final int MOST_RUNS = 1000;

    private final Streams streams;
    private final Steering steering;
    private final Clock clock;
    private final Duration stuckAfter;

    StreamsApi(Streams streams, Steering steering, Clock clock, Duration stuckAfter) {
        this.streams = streams;
        this.steering = steering;
        this.clock = clock;
        this.stuckAfter = stuckAfter;
    }

    /**
     * @param from first day, or a time
     * @param to last day, or the time before which to stop
     * @param parallel slices pulled at once; without it, as many as the stream says
     */
    record Backfill(
            @Nullable String from,
            @Nullable String to,
            @Nullable Integer parallel) {}

    /** @param slice its id, as the stream's view names it */
    record Skip(@Nullable String slice) {}

    /** @param limit how many records; without it, ten */
    record Trial(@Nullable Integer limit) {}

    @GetMapping
    List<StreamView> list() {
        return streams.all().stream().map(this::view).toList();
    }

    @GetMapping("/{id}")
    StreamView one(@PathVariable String id) {
        return view(found(id));
    }

    @GetMapping("/{id}/runs")
    List<RunSummary> runs(@PathVariable String id, @RequestParam(defaultValue = "20") int limit) {
        if (limit < 1 || limit > MOST_RUNS) {
            throw new BadRequestException("limit=%d is not from 1 to %d".formatted(limit, MOST_RUNS));
        }
        return streams.history(List.of(found(id).id()), limit);
    }

    @PostMapping("/{id}/run")
    StreamView run(@PathVariable String id) {
        return steered(id, steering::run);
    }

    @PostMapping("/{id}/pause")
    StreamView pause(@PathVariable String id) {
        return steered(id, steering::pause);
    }

    @PostMapping("/{id}/resume")
    StreamView resume(@PathVariable String id) {
        return steered(id, steering::resume);
    }

    @PostMapping("/{id}/stop")
    StreamView stop(@PathVariable String id) {
        return steered(id, steering::stop);
    }

    @PostMapping("/{id}/start")
    StreamView start(@PathVariable String id) {
        return steered(id, steering::start);
    }

    @PostMapping("/{id}/drain")
    StreamView drain(@PathVariable String id) {
        return steered(id, steering::drain);
    }

    @PostMapping("/{id}/backfill")
    StreamView backfill(@PathVariable String id, @RequestBody Backfill span) {
        Integer parallel = span.parallel();
        if (parallel != null && parallel < 1) {
            throw new BadRequestException("parallel=%d is not from 1 to 64".formatted(parallel));
        }
        return steered(
                id,
                (stream, by) -> steering.backfill(stream, span.from(), span.to(), parallel == null ? 0 : parallel, by));
    }

    @PostMapping("/{id}/skip")
    StreamView skip(@PathVariable String id, @RequestBody Skip which) {
        return steered(id, (stream, by) -> steering.skip(stream, which.slice(), by));
    }

    @PostMapping("/{id}/dry-run")
    DryRun dryRun(@PathVariable String id, @RequestBody(required = false) @Nullable Trial trial)
            throws InterruptedException {
        Integer limit = trial == null ? null : trial.limit();
        try {
            return steering.dryRun(id, limit == null ? 10 : limit, Caller.ofApi())
                    .get(DRY_RUN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BadRequestException("The dry run of %s did not end within %d s; it goes on, and keeps nothing"
                    .formatted(id, DRY_RUN_SECONDS));
        }
    }

    private StreamView steered(String id, BiConsumer<String, By> action) {
        action.accept(id, Caller.ofApi());
        return view(found(id));
    }

    private LiveStream found(String id) {
        return streams.find(id).orElseThrow(() -> new NotFoundException("There is no stream '%s'".formatted(id)));
    }

    private StreamView view(LiveStream stream) {
        return StreamView.of(stream, clock.instant(), stuckAfter);
    }
}
