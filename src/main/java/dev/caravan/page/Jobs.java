package dev.caravan.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of a job are and what its answers mean. Holds no state; safe for any number of threads.
 */
public final class Jobs {
    private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.UTF_8);

    private final JobSettings settings;
    private final RequestTemplate poll;
    private final @Nullable RequestTemplate result;

    /** What the answer to a poll says. */
    public enum State {
        WORKING,
        DONE,
        FAILED
    }

    /** @throws IllegalArgumentException if an expression in it will have no value */
    public Jobs(JobSettings settings, Known known) {
        this.settings = settings;
        RequestSettings read = settings.result().request();
        poll = new RequestTemplate(settings.poll().request());
        result = read == null ? null : new RequestTemplate(read);
        check(known);
    }

    /** @throws IllegalArgumentException naming an expression that will have no value */
    public void check(Known known) {
        poll.check(known.with("job"));
        if (result != null) {
            result.check(known.with("job"));
        }
    }

    public JobSettings settings() {
        return settings;
    }

    /** Returns what asks how a job stands. */
    public RequestTemplate poll() {
        return poll;
    }

    /** Returns what asks for its result, empty if that is in files or in the answer that says it is done. */
    public Optional<RequestTemplate> result() {
        return Optional.ofNullable(result);
    }

    /** Whether the result is in files. */
    public boolean hasFiles() {
        return settings.result().urls() != null;
    }

    /** Returns the paths of the answer before that requests of the result use. */
    public Set<String> answers() {
        return Stream.of(poll, result)
                .flatMap(each -> each == null ? Stream.empty() : each.answers().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns an answer to submission or poll as what it is, whichever success it calls itself: never a page that is not ready. */
    public static Answer settled(Answer answer) {
        boolean success = answer.status() >= 200 && answer.status() < 300;
        return success
                ? new Answer(200, answer.headers(), answer.body().length == 0 ? NOTHING : answer.body())
                : answer;
    }

    /** Returns what the vendor calls a job that it took. */
    public Optional<String> id(Answer submitted) {
        Headers headers = submitted.headers();
        String header = settings.header();
        Optional<String> id =
                header == null ? JsonPath.parse(settings.id()).textIn(submitted.body()) : headers.first(header);
        return id.map(String::strip).filter(each -> !each.isEmpty());
    }

    public boolean isBusy(Answer submitted) {
        return settings.busy() != null && settings.busy().fit(submitted.body());
    }

    public State state(Answer polled) {
        if (settings.poll().failed() != null && settings.poll().failed().fit(polled.body())) {
            return State.FAILED;
        }
        return settings.poll().done().fit(polled.body()) ? State.DONE : State.WORKING;
    }

    /** Returns how long to wait before the next request, after {@code asked} of them. */
    public Duration pause(int asked) {
        Duration first = settings.poll().every().first().toDuration();
        Duration most = settings.poll().every().most().toDuration();
        Duration next = first.multipliedBy(1L << Math.min(asked, 20));
        return next.compareTo(most) > 0 ? most : next;
    }

    public boolean isLate(JobMark job, Instant now) {
        return now.isAfter(job.submitted().plus(settings.poll().within().toDuration()));
    }

    public boolean isExpired(int status) {
        return settings.result().expired().contains(status);
    }

    /**
     * Returns the addresses of the result's files, none if the vendor says that there are none.
     *
     * @return empty if nothing is said where they should be
     */
    public Optional<List<String>> files(Answer done) {
        JsonPath urls = settings.result().urls();
        if (urls == null) {
            return Optional.of(List.of());
        }
        JsonPath container = urls.upToEach().map(JsonPath::container).orElse(urls);
        if (container.find(done.body()).isEmpty()) {
            return Optional.empty();
        }
        Optional<String> text = container.textIn(done.body());
        if (text.isEmpty()) {
            return Optional.of(List.of());
        }
        if (!text.get().startsWith("[")) {
            return Optional.of(text.get().isBlank() ? List.of() : List.of(text.get()));
        }
        return elements(text.get(), urls.upToEach().isPresent() ? urls.afterEach() : JsonPath.ROOT);
    }

    private static Optional<List<String>> elements(String list, JsonPath inEach) {
        List<String> files = new ArrayList<>();
        try {
            for (JsonNode element : StrictJson.mapper().readTree(list)) {
                Optional<String> address = inEach.textIn(element.toString().getBytes(StandardCharsets.UTF_8));
                if (address.isEmpty() || address.get().isBlank()) {
                    return Optional.empty();
                }
                files.add(address.get());
            }
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        return Optional.of(files);
    }

    /** Returns a fingerprint of a list of files, by their addresses without signatures: these change with every poll. */
    public static String fingerprint(List<String> files) {
        String all = files.stream().map(each -> each.replaceFirst("[?#].*", "")).collect(Collectors.joining("\n"));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Returns what {@code ${job.…}} stands for. */
    public static Map<String, String> values(JobMark job) {
        return Map.of("job.id", job.id());
    }

    /** Returns the place behind {@code asked}, the last page of a file, in the next of {@code files}; empty behind the last. */
    public static Optional<Position> nextFile(Position asked, int records, int files) {
        JobMark job = asked.job();
        return job == null || job.files() + 1 >= files
                ? Optional.empty()
                : Optional.of(asked.next(records, null).of(job.nextFile()));
    }

    /** Returns the request for a file. */
    public static URI address(String file) {
        return TokenSource.address(file);
    }
}
