package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordPage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes a run through the steps of the stream template, without Camel and without a network. */
final class ByHand {
    private static final int REPETITIONS = 3;

    private final Function<Request, Answer> api;

    ByHand(Function<Request, Answer> api) {
        this.api = api;
    }

    static Answer answer(int status, String body, String... headers) {
        Map<String, List<String>> all = new java.util.LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        return new Answer(status, Headers.of(all), body.getBytes(StandardCharsets.UTF_8));
    }

    RunSummary pull(LiveStream stream) {
        return pull(stream, RunRequest.now(), Gate.OPEN);
    }

    RunSummary pull(LiveStream stream, RunRequest request, Gate gate) {
        stream.ask(request);
        Run run = stream.open(gate);
        for (Pull slice : run.getSlices()) {
            try {
                pull(slice);
            } catch (PullException e) {
                slice.failed(e);
            }
        }
        run.close(null);
        return request.done().join();
    }

    /** Pulls one of several streams, as their routes would: each looks again and again whether it has something to do. */
    RunSummary pull(List<LiveStream> all, LiveStream asked, RunRequest request) {
        asked.ask(request);
        for (int round = 0; round < 10 && !request.done().isDone(); round++) {
            for (LiveStream stream : all) {
                turn(stream);
            }
        }
        return request.done().getNow(null);
    }

    /** Lets a stream do what it has to do. */
    void turn(LiveStream stream) {
        Run run = stream.open(Gate.OPEN);
        for (Pull slice : run.getSlices()) {
            try {
                pull(slice);
            } catch (PullException e) {
                slice.failed(e);
            }
        }
        run.close(null);
    }

    /** Takes one part of a run to its end. */
    void drive(Pull part) {
        pull(part);
    }

    private void pull(Pull part) {
        while (part.isUnfinished()) {
            while (part.isMore()) {
                SlicePull slice = (SlicePull) part;
                Request request = slice.request();
                byte[] page = ask(slice, request, 0);
                if (page != null) {
                    take(slice, page);
                }
                slice.turn();
            }
            part.write();
            part.commit();
        }
    }

    private byte @Nullable [] ask(SlicePull slice, Request request, int repeated) {
        try {
            Answer answer = received(slice, api.apply(request));
            slice.left();
            return answer == null ? null : slice.answered(answer);
        } catch (PullException e) {
            slice.left();
            if (e.remedy() != Remedy.RETRY || repeated == REPETITIONS) {
                throw e;
            }
            slice.again();
            return ask(slice, request, repeated + 1);
        }
    }

    private static @Nullable Answer received(SlicePull slice, Answer answer) {
        try {
            return slice.received(answer.status(), answer.headers(), new ByteArrayInputStream(answer.body()));
        } catch (IOException e) {
            throw slice.unanswered(e);
        }
    }

    private static void take(SlicePull slice, byte[] body) {
        RecordPage page = slice.decoding(body);
        for (Chunk chunk : page == null ? List.<Chunk>of() : slice.read(page)) {
            if (slice.inside(chunk) && slice.addKeys(chunk)) {
                chunk.keep();
                slice.collect(chunk);
            }
        }
    }
}
