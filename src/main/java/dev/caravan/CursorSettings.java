package dev.caravan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import dev.caravan.page.SyncSettings;
import dev.caravan.slice.CursorFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a stream advances, as a vendor file says it: by a field of its records, or by a token that the vendor gives.
 *
 * @param cursor the field, null for a token
 * @param sync the token, null for a field
 */
record CursorSettings(
        Stream.@Nullable Cursor cursor, @Nullable SyncSettings sync) {
    /**
     * Reads the settings.
     *
     * @param field where the cursor is in a record
     * @param or the field that stands in for one that is missing or null
     * @param name what expressions call it; default is the field's own
     * @param format how it is written; of several, requests use the first
     * @param order in which order records come; ascending makes the greatest one seen the checkpoint
     * @param filtered whether requests ask for a span of it; default true. Without, a list that comes newest first is read until
     *     it is older than what is to be pulled
     * @param token where an answer has the token to ask for what changed since; instead of a field
     * @param take of which page: last-page (default) or first-page
     * @param to where the token goes: query.name, header.name, body.path or url
     * @param start a request that gives the first token; without, the first run lists everything
     * @param full what lists everything where there is no token, or none that is still valid; without, the stream's own request
     */
    @JsonCreator
    @SuppressWarnings("TooManyParameters") // one for each setting
    static CursorSettings of(
            @JsonProperty("field") @Nullable JsonPath field,
            @JsonProperty("or") @Nullable JsonPath or,
            @JsonProperty("name") @Nullable String name,
            @JsonProperty("format") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<CursorFormat> format,
            @JsonProperty("order") Stream.@Nullable Order order,
            @JsonProperty("filtered") @Nullable Boolean filtered,
            @JsonProperty("token") @Nullable JsonPath token,
            @JsonProperty("take") SyncSettings.@Nullable Take take,
            @JsonProperty("to") @Nullable String to,
            @JsonProperty("start") SyncSettings.@Nullable Start start,
            @JsonProperty("full") SyncSettings.@Nullable Full full) {
        boolean ofToken = token != null || take != null || to != null || start != null || full != null;
        boolean ofField =
                field != null || or != null || name != null || format != null || order != null || filtered != null;
        if (ofToken && ofField) {
            throw new IllegalArgumentException(
                    "cursor is a field, {field: created, format: iso}, or a token, {token: $.next, to: query.since}, not both");
        }
        if (ofToken) {
            if (token == null || to == null) {
                throw new IllegalArgumentException(
                        "cursor: a token needs 'token' and 'to', such as {token: $.nextSyncToken, to: query.syncToken}");
            }
            return new CursorSettings(
                    null, new SyncSettings(token, take == null ? SyncSettings.Take.LAST_PAGE : take, to, start, full));
        }
        if (field == null) {
            throw new IllegalArgumentException("cursor needs a 'field', such as {field: created, format: iso}");
        }
        return new CursorSettings(
                new Stream.Cursor(
                        field,
                        or,
                        name == null ? field.field().orElse("") : name,
                        format == null || format.isEmpty() ? List.of(CursorFormat.ISO) : List.copyOf(format),
                        order == null ? Stream.Order.NONE : order,
                        filtered == null || filtered),
                null);
    }
}
