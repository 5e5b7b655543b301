package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.outcome.BodyConditions;
import dev.caravan.json.JsonPath;
import dev.caravan.slice.Span;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A slice that the vendor works out first: the stream's own request submits a job, which is asked for until it is done, and
 * then its result is read.
 *
 * @param id where the answer to the submission names the job: a path in its body, or {@code header.<name>}
 * @param busy what the body says where the vendor takes no job now, so that it is submitted again later; null for nothing
 * @param poll how the job is asked for
 * @param result where its result is
 * @param resubmit how often a job that failed, or whose result is gone, is submitted again; default 1
 * @param then what happens when that did not help; default is to stop
 */
public record JobSettings(String id, @Nullable BodyConditions busy, Poll poll, Result result, int resubmit, Then then) {
    private static final String HEADER = "header.";

    /** What happens to a slice whose job fails for good. */
    public enum Then {
        STOP,
        SKIP_SLICE,
        SPLIT_SLICE;

        /** Returns the one of the name used in vendor files. */
        @JsonCreator
        public static Then named(String name) {
            for (Then each : values()) {
                if (each.toString().equals(name)) {
                    return each;
                }
            }
            throw new IllegalArgumentException("job: 'then: %s' is not one of %s"
                    .formatted(name, Arrays.stream(values()).map(Then::toString).collect(Collectors.joining(", "))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * How a job is asked for.
     *
     * @param request may use {@code ${job.id}}
     * @param every time between two requests
     * @param done what the body says when the result is ready
     * @param failed what it says when there will be none; null if it never does
     * @param within longest time from the submission to the result; default 1 h
     */
    public record Poll(
            RequestSettings request,
            Every every,
            BodyConditions done,
            @Nullable BodyConditions failed,
            Span within) {
        private static final Span USUAL = Span.parse("1h");

        @JsonCreator
        static Poll of(
                @JsonProperty("method") @Nullable String method,
                @JsonProperty("path") @Nullable String path,
                @JsonProperty("url") @Nullable String url,
                @JsonProperty("query") @Nullable Map<String, Object> query,
                @JsonProperty("query-lists") @Nullable ListStyle lists,
                @JsonProperty("headers") @Nullable Map<String, String> headers,
                @JsonProperty("body") @Nullable Object body,
                @JsonProperty("form") @Nullable Map<String, Object> form,
                @JsonProperty("graphql") @Nullable GraphQlSettings graphql,
                @JsonProperty("every") @Nullable Every every,
                @JsonProperty("done") @Nullable BodyConditions done,
                @JsonProperty("failed") @Nullable BodyConditions failed,
                @JsonProperty("within") @Nullable Span within) {
            if (done == null) {
                throw new IllegalArgumentException("job: poll needs 'done', such as {$.status: COMPLETED}");
            }
            return new Poll(
                    RequestSettings.of(method, path, url, query, lists, headers, body, form, graphql),
                    every == null ? Every.USUAL : every,
                    done,
                    failed,
                    within == null ? USUAL : within);
        }
    }

    /**
     * Time between two requests for a job.
     *
     * @param first before the first of them; each later one is twice as long
     * @param most the longest
     */
    public record Every(Span first, Span most) {
        static final Every USUAL = new Every(Span.parse("5s"), Span.parse("1m"));

        public Every {
            if (first.isZero() || most.toDuration().compareTo(first.toDuration()) < 0) {
                throw new IllegalArgumentException(
                        "job: every {first: %s, most: %s}: the first is above 0s, and not above the most"
                                .formatted(first, most));
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Every of(String span) {
            return new Every(Span.parse(span), Span.parse(span));
        }

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        static Every of(@JsonProperty("first") @Nullable Span first, @JsonProperty("most") @Nullable Span most) {
            Span begin = first == null ? USUAL.first : first;
            return new Every(begin, most == null ? begin : most);
        }
    }

    /**
     * Where the result of a job is: in files, at an address of its own, or in the very answer that says that it is done.
     *
     * @param urls path of the address, or the addresses, of its files in that answer; null for none
     * @param request with which it is read, page by page as {@code next} says; may use {@code ${job.id}}; null for none
     * @param expired statuses of a file that say that its address is no longer good; default 403, 404 and 410
     */
    public record Result(@Nullable JsonPath urls, @Nullable RequestSettings request, List<Integer> expired) {
        static final Result INLINE = new Result(null, null, List.of());

        @JsonCreator
        static Result of(
                @JsonProperty("urls") @Nullable JsonPath urls,
                @JsonProperty("expired") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                        List<Integer> expired,
                @JsonProperty("method") @Nullable String method,
                @JsonProperty("path") @Nullable String path,
                @JsonProperty("url") @Nullable String url,
                @JsonProperty("query") @Nullable Map<String, Object> query,
                @JsonProperty("query-lists") @Nullable ListStyle lists,
                @JsonProperty("headers") @Nullable Map<String, String> headers,
                @JsonProperty("body") @Nullable Object body,
                @JsonProperty("form") @Nullable Map<String, Object> form,
                @JsonProperty("graphql") @Nullable GraphQlSettings graphql) {
            boolean asked = path != null || url != null;
            if (urls != null && (asked || method != null || query != null || body != null || form != null)) {
                throw new IllegalArgumentException(
                        "job: result has 'urls' or a request of its own, not both: an address is asked as it stands");
            }
            if (urls == null && !asked) {
                throw new IllegalArgumentException(
                        "job: result needs 'urls' or 'path'; leave 'result' out where the answer that says it is done holds it");
            }
            return new Result(
                    urls,
                    asked ? RequestSettings.of(method, path, url, query, lists, headers, body, form, graphql) : null,
                    expired == null ? List.of(403, 404, 410) : List.copyOf(expired));
        }
    }

    public JobSettings {
        boolean header = id.startsWith(HEADER) && id.length() > HEADER.length();
        if (!header) {
            JsonPath.parse(id);
        }
        if (resubmit < 0 || resubmit > 10) {
            throw new IllegalArgumentException("job: resubmit is %d, use 0 to 10".formatted(resubmit));
        }
    }

    @JsonCreator
    static JobSettings of(
            @JsonProperty("id") @Nullable String id,
            @JsonProperty("busy") @Nullable BodyConditions busy,
            @JsonProperty("poll") @Nullable Poll poll,
            @JsonProperty("result") @Nullable Result result,
            @JsonProperty("resubmit") @Nullable Integer resubmit,
            @JsonProperty("then") @Nullable Then then) {
        if (id == null) {
            throw new IllegalArgumentException(
                    "job needs an 'id', where the answer to its submission names it: $.id or header.Location");
        }
        if (poll == null) {
            throw new IllegalArgumentException(
                    "job needs a 'poll', such as {path: \"/jobs/${job.id}\", done: {$.status: DONE}}");
        }
        return new JobSettings(
                id,
                busy,
                poll,
                result == null ? Result.INLINE : result,
                resubmit == null ? 1 : resubmit,
                then == null ? Then.STOP : then);
    }

    /** Returns the header that names the job, null if the body does. */
    @Nullable
    String header() {
        return id.startsWith(HEADER) ? id.substring(HEADER.length()) : null;
    }
}
