package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.outcome.OutcomeRule;
import dev.caravan.json.JsonPath;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One more request for each record of a page, whose answer is the record.
 *
 * @param request may use {@code ${record.<path>}}
 * @param record where the record is in the answer; default is all of it
 * @param merge whether its fields are laid over those of the record of the page; default false, they replace it
 * @param parallel how many are sent at once for a slice, 1 to 16; default 4
 * @param outcomes what answers mean, before those of stream and connection
 */
public record DetailSettings(
        RequestSettings request, JsonPath record, boolean merge, int parallel, List<OutcomeRule> outcomes) {
    private static final int USUAL_PARALLEL = 4;
    private static final int MOST_PARALLEL = 16;

    public DetailSettings {
        outcomes = List.copyOf(outcomes);
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new IllegalArgumentException(
                    "detail: parallel is %d, use 1 to %d".formatted(parallel, MOST_PARALLEL));
        }
    }

    @JsonCreator
    static DetailSettings of(
            @JsonProperty("method") @Nullable String method,
            @JsonProperty("path") @Nullable String path,
            @JsonProperty("url") @Nullable String url,
            @JsonProperty("query") @Nullable Map<String, Object> query,
            @JsonProperty("query-lists") @Nullable ListStyle lists,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("body") @Nullable Object body,
            @JsonProperty("form") @Nullable Map<String, Object> form,
            @JsonProperty("graphql") @Nullable GraphQlSettings graphql,
            @JsonProperty("record") @Nullable JsonPath record,
            @JsonProperty("merge") @Nullable Boolean merge,
            @JsonProperty("parallel") @Nullable Integer parallel,
            @JsonProperty("outcomes") @Nullable List<OutcomeRule> outcomes) {
        if (path == null && url == null) {
            throw new IllegalArgumentException("detail needs a 'path', such as /orders/${record.id}");
        }
        return new DetailSettings(
                RequestSettings.of(method, path, url, query, lists, headers, body, form, graphql),
                record == null ? JsonPath.ROOT : record,
                merge != null && merge,
                parallel == null ? USUAL_PARALLEL : parallel,
                outcomes == null ? List.of() : outcomes);
    }
}
