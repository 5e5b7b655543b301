package dev.caravan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.connection.limit.WeightRule;
import dev.caravan.connection.outcome.OutcomeRule;
import dev.caravan.connection.outcome.RetrySettings;
import dev.caravan.json.JsonPath;
import dev.caravan.page.DetailSettings;
import dev.caravan.page.GraphQlSettings;
import dev.caravan.page.JobSettings;
import dev.caravan.page.ListStyle;
import dev.caravan.page.NextSettings;
import dev.caravan.page.RequestSettings;
import dev.caravan.page.ShrinkSettings;
import dev.caravan.page.SyncSettings;
import dev.caravan.record.CursorField;
import dev.caravan.record.FieldSettings;
import dev.caravan.record.RecordsSettings;
import dev.caravan.record.RejectShare;
import dev.caravan.record.decode.DecodeSettings;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.PartitionSettings;
import dev.caravan.slice.Span;
import dev.caravan.slice.Where;
import java.net.URI;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One dataset of a vendor, as its file says it.
 *
 * @param enabled false takes the stream out; default true
 * @param url instead of the connection's, for another host of the vendor
 * @param path below the url; may use expressions
 * @param method GET or POST; default is GET, or POST with a body
 * @param query parameters; a value may use expressions, an empty value leaves it out
 * @param queryLists how lists in {@code query} and {@code form} are written; default repeats the name
 * @param headers sent beside the connection's
 * @param body JSON, or text, of a POST; that of a {@code graphql} question too
 * @param form parameters that travel in the body of a POST; null for none
 * @param decode how answers are written; default JSON
 * @param records where the records of an answer are; default is the root
 * @param key fields that name a record, of the record or of its partition; none makes every record new
 * @param cursor the field a stream advances by
 * @param sync the token a stream advances by instead; null without
 * @param next how the next page is found; default none
 * @param job how the vendor works a slice out first; null if it answers at once
 * @param detail one more request for each record of a page; null if a page holds all
 * @param shrink where a request says how many records a page is to have; null if it cannot be made fewer
 * @param cap most records that the vendor gives for one slice; as many mean that there are more. Null for no such bound
 * @param truncated path of what is true, or not empty, in an answer that was cut short; null for none
 * @param window length of a slice; default is one slice up to the present
 * @param windowOffset where windows begin, behind midnight, Monday or the first of the month; default is where the one before
 *     ended
 * @param lookback how far behind the checkpoint a run begins; default nothing
 * @param lag how far behind its start a run ends; default nothing
 * @param start where the first run begins: a day, a time, or a span before its start; default 30 d
 * @param end where the stream's records end, a day or time that is not included; default is the present
 * @param retention how far back the vendor keeps records, so that nothing older is asked for; default is all
 * @param zone zone of days and of times that name none; default UTC
 * @param zoneField field of the partition that names its zone, null if all have {@code zone}
 * @param partitions parts that are pulled and checkpointed on their own
 * @param disposition append (default), merge, replace or delete-insert
 * @param deleted what is true of a record that the vendor reports as deleted, {@code $.deleted}; its other versions count no
 *     more then. Null where the vendor reports none
 * @param shape flat or raw; null for what suits the sink: raw for tables, flat for files
 * @param sink where records go: the name of a sink or its settings, or several of them; default is what {@code caravan.sink} says, or files
 * @param fields which fields land, and how; null for all as they come
 * @param addFields fields every record gets; a value may use expressions of the partition
 * @param every time between the starts of two runs; default 1 h
 * @param cron instead of {@code every}: six fields, seconds first
 * @param parallel slices pulled at once; default 1
 * @param maxPages most pages of a slice; default 10,000
 * @param each endpoint of steps of the stream's own for each record, {@code direct:<id>} of the same file
 * @param schema JSON Schema that every record must keep to, null for none; files name a file or write it out
 * @param maxRejected most that may be rejected of what a run reads; default is half of at least 100 records
 * @param outcomes what answers mean, before the connection's rules; default none
 * @param retries how often and how long a page is asked for again; what it leaves open is the connection's
 * @param weight what a request costs of the connection's quotas; null for what the connection says, or 1
 * @param conditional whether an answer's validator (ETag) is sent with the next run's first request; default false
 */
public record Stream(
        boolean enabled,
        @Nullable URI url,
        String path,
        String method,
        Map<String, Object> query,
        ListStyle queryLists,
        Map<String, String> headers,
        @Nullable Object body,
        @Nullable Map<String, Object> form,
        DecodeSettings decode,
        RecordsSettings records,
        List<JsonPath> key,
        @Nullable Cursor cursor,
        @Nullable SyncSettings sync,
        NextSettings next,
        @Nullable JobSettings job,
        @Nullable DetailSettings detail,
        @Nullable ShrinkSettings shrink,
        @Nullable Integer cap,
        @Nullable JsonPath truncated,
        @Nullable Span window,
        @Nullable Span windowOffset,
        Span lookback,
        Span lag,
        String start,
        @Nullable String end,
        @Nullable Span retention,
        ZoneId zone,
        @Nullable String zoneField,
        @Nullable PartitionSettings partitions,
        Disposition disposition,
        @Nullable Where deleted,
        @Nullable Shape shape,
        List<SinkSettings> sink,
        @Nullable FieldSettings fields,
        Map<String, String> addFields,
        Span every,
        @Nullable String cron,
        int parallel,
        int maxPages,
        @Nullable String each,
        @Nullable JsonNode schema,
        RejectShare maxRejected,
        List<OutcomeRule> outcomes,
        RetrySettings retries,
        @Nullable Double weight,
        boolean conditional) {
    /** Most slices of one stream that are pulled at once. */
    public static final int MOST_PARALLEL = 64;

    private static final Span DEFAULT_EVERY = Span.parse("1h");
    private static final String DEFAULT_START = "30d";
    private static final Pattern PARTITION_ZONE = Pattern.compile("\\$\\{partition\\.(\\w+)}");
    private static final int DEFAULT_MAX_PAGES = 10_000;

    public Stream {
        query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        addFields = Collections.unmodifiableMap(new LinkedHashMap<>(addFields));
        key = List.copyOf(key);
        sink = List.copyOf(sink);
        outcomes = List.copyOf(outcomes);
        if (weight != null) {
            WeightRule.check(weight);
        }
        if (!List.of("GET", "POST").contains(method)) {
            throw new IllegalArgumentException("method '%s' is not GET or POST".formatted(method));
        }
        if (url != null) {
            Connection.checkAddress(url);
        }
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new IllegalArgumentException("parallel is %d, use 1 to %d".formatted(parallel, MOST_PARALLEL));
        }
        if (cap != null && cap < 1) {
            throw new IllegalArgumentException("cap is %d, it is at least 1".formatted(cap));
        }
        if (job != null && job.result().urls() != null && next.from() != NextSettings.From.NONE) {
            throw new IllegalArgumentException("job: files have no pages, leave 'next' out (next: ~)");
        }
        if (detail != null && (job != null || next.parallel() > 1)) {
            throw new IllegalArgumentException(
                    "detail: its requests are sent side by side, leave out 'job' and 'parallel' of 'next'");
        }
        if (job != null && next.parallel() > 1) {
            throw new IllegalArgumentException("job: its result is read page by page, leave out 'parallel' of 'next'");
        }
        if (shrink != null && (next.from() == NextSettings.From.PAGE_NUMBER || next.parallel() > 1)) {
            throw new IllegalArgumentException(
                    "shrink: pages of another size have other numbers, use 'from: offset' if the vendor has it,"
                            + " and no 'parallel' in 'next'");
        }
        if (maxPages < 1) {
            throw new IllegalArgumentException("max-pages is %d, it is at least 1".formatted(maxPages));
        }
        requireCursor("window", window != null, cursor);
        requireCursor("retention", retention != null, cursor);
        requireCursor("end", end != null, cursor);
        if (windowOffset != null && (window == null || !window.isCalendar())) {
            throw new IllegalArgumentException(
                    "window-offset needs a 'window' that has a beginning in the calendar: 6h, 1d, 1w, 1mo or 1y, not %s"
                            .formatted(window));
        }
        if (retention != null && retention.isZero()) {
            throw new IllegalArgumentException(
                    "retention=%s keeps nothing, write 90d or leave it out".formatted(retention));
        }
        if (cursor != null && !cursor.formats().get(0).isTime()) {
            checkNumber(window, lookback, lag, retention, end);
        }
        checkPartitions(partitions, cursor, key, zoneField);
        if (sync != null && partitions != null && (partitions.group() > 1 || partitions.isOnce())) {
            throw new IllegalArgumentException(
                    "cursor: a token is of one partition that is pulled in every run, so it goes neither with 'group' nor with"
                            + " 'rows: changed'");
        }
        if (sync != null && sync.full() != null && job != null) {
            throw new IllegalArgumentException("cursor: 'full' is another list of pages, and does not go with 'job'");
        }
        if (disposition == Disposition.MERGE && key.isEmpty()) {
            throw new IllegalArgumentException("disposition merge needs a 'key', the field that names a record");
        }
        if (fields != null) {
            fields.requireWhole("key", key);
            fields.requireWhole("cursor", cursor == null ? List.of() : cursor.places());
            fields.requireWhole("deleted", deleted == null ? List.of() : List.of(deleted.path()));
        }
        if (deleted != null && disposition != Disposition.MERGE) {
            throw new IllegalArgumentException(
                    "deleted '%s' is for disposition: merge, where the latest version of a record counts"
                            .formatted(deleted));
        }
        checkReplacing(disposition, cursor, sync, partitions);
        if (sink.size() > 1 && key.isEmpty() && !disposition.replaces()) {
            throw new IllegalArgumentException(
                    "sink: several of them need a 'key', because after a crash one may have a batch that another lacks");
        }
        if (each != null && !each.startsWith("direct:")) {
            throw new IllegalArgumentException(
                    "each '%s' is not direct:<id> of a route in the same file".formatted(each));
        }
    }

    private static void checkReplacing(
            Disposition disposition,
            @Nullable Cursor cursor,
            @Nullable SyncSettings sync,
            @Nullable PartitionSettings partitions) {
        boolean spans = cursor != null && (cursor.filtered() || cursor.order() == Order.DESCENDING);
        boolean once = partitions != null && partitions.isOnce();
        if (disposition == Disposition.DELETE_INSERT
                && (cursor == null || !spans || once || !cursor.formats().get(0).isTime())) {
            throw new IllegalArgumentException(
                    "disposition delete-insert takes the place of the days that are pulled, so it needs a 'cursor' that is a"
                            + " time and of which a run pulls a span, {field: date, format: date}; for a list that is pulled"
                            + " whole say replace");
        }
        if (disposition == Disposition.REPLACE && (sync != null || (spans && !once))) {
            throw new IllegalArgumentException(
                    "disposition replace takes the place of all that is there, so all has to be pulled: leave out 'cursor'"
                            + " (cursor: ~), or say 'filtered: false' in it; for a stream that is pulled by days say"
                            + " delete-insert");
        }
        if (disposition.replaces() && partitions != null && partitions.group() > 1) {
            throw new IllegalArgumentException(
                    "partitions: with disposition %s it must be known of which partition each row is, leave out 'group'"
                            .formatted(disposition.text()));
        }
    }

    private static void requireCursor(String setting, boolean given, @Nullable Cursor cursor) {
        if (given && cursor == null) {
            throw new IllegalArgumentException("%s needs a 'cursor': {field: created, format: iso}".formatted(setting));
        }
    }

    private static void checkNumber(
            @Nullable Span window, Span lookback, Span lag, @Nullable Span retention, @Nullable String end) {
        boolean spans = window != null || retention != null || end != null || !lookback.isZero() || !lag.isZero();
        if (spans) {
            throw new IllegalArgumentException(
                    "cursor: a number is no time, so window, lookback, lag, retention and end do not go with it");
        }
    }

    private static void checkPartitions(
            @Nullable PartitionSettings partitions,
            @Nullable Cursor cursor,
            List<JsonPath> key,
            @Nullable String zoneField) {
        if (zoneField != null && (partitions == null || !partitions.fields().contains(zoneField))) {
            throw new IllegalArgumentException("zone '${partition.%s}': partitions have %s"
                    .formatted(zoneField, partitions == null ? "no fields, there are none" : partitions.fields()));
        }
        if (partitions == null) {
            return;
        }
        if (partitions.group() > 1 && key.isEmpty()) {
            throw new IllegalArgumentException(
                    "partitions: 'group' needs a 'key', because a group that was interrupted begins anew");
        }
        if (partitions.group() > 1 && zoneField != null) {
            throw new IllegalArgumentException(
                    "partitions: members of a 'group' share a request, so they share the zone");
        }
        if (partitions.isOnce() && cursor != null && cursor.filtered()) {
            throw new IllegalArgumentException(
                    "partitions: 'rows: changed' pulls a partition whole when it is new or changed, so nothing asks for a"
                            + " span of the cursor: say filtered: false");
        }
    }

    /** What is done with a record that arrives again. */
    public enum Disposition {
        /** Each key once; later versions are not taken. */
        APPEND,
        /** Each version of a key once: the files are the log of changes, the latest is the one that counts. */
        MERGE,
        /** What is pulled of a partition takes the place of all that was there of it. */
        REPLACE,
        /** What is pulled of some days of a partition takes the place of what was there of them. */
        DELETE_INSERT;

        /** Returns the disposition of the name used in vendor files. */
        @JsonCreator
        public static Disposition named(String name) {
            return choice("disposition", name, values());
        }

        /** Whether what is pulled takes the place of what was there, however much of it is gone. */
        public boolean replaces() {
            return this == REPLACE || this == DELETE_INSERT;
        }

        /** Returns the name used in vendor files. */
        public String text() {
            return said(this);
        }
    }

    /** How a record is written. */
    public enum Shape {
        /** The vendor's fields, and a few of ours beside them. */
        FLAT,
        /** {@code org_slug}, {@code raw_data} and {@code extracted_at}. */
        RAW;

        /** Returns the shape of the name used in vendor files. */
        @JsonCreator
        public static Shape named(String name) {
            return choice("shape", name, values());
        }
    }

    /** In which order records come. */
    public enum Order {
        ASCENDING,
        DESCENDING,
        /** In no order one may rely on. */
        NONE;

        /** Returns the order of the name used in vendor files. */
        @JsonCreator
        public static Order named(String name) {
            return choice("order", name, values());
        }
    }

    /**
     * The field a stream advances by.
     *
     * @param field where it is in a record
     * @param or where to look if it is not there or null; null for nowhere
     * @param name what requests call it, {@code ${cursor.name}}; default is the last part of {@code field}
     * @param formats how it is written; requests use the first
     * @param order in which order records come; ascending makes the greatest one seen the checkpoint
     * @param filtered whether requests ask for a span of it; default true
     */
    public record Cursor(
            JsonPath field,
            @Nullable JsonPath or,
            String name,
            List<CursorFormat> formats,
            Order order,
            boolean filtered) {
        /** Returns where it may be, what counts first. */
        public List<JsonPath> places() {
            JsonPath second = or;
            return second == null ? List.of(field) : List.of(field, second);
        }

        /** Returns it as records have it, times without a zone being of {@code zone}. */
        public CursorField in(ZoneId zone) {
            return new CursorField(field, or, formats, zone);
        }
    }

    @JsonCreator
    @SuppressWarnings("TooManyParameters") // one for each setting
    static Stream of(
            @JsonProperty("enabled") @Nullable Boolean enabled,
            @JsonProperty("url") @Nullable URI url,
            @JsonProperty("path") @Nullable String path,
            @JsonProperty("method") @Nullable String method,
            @JsonProperty("query") @Nullable Map<String, Object> query,
            @JsonProperty("query-lists") @Nullable ListStyle queryLists,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("body") @Nullable Object body,
            @JsonProperty("form") @Nullable Map<String, Object> form,
            @JsonProperty("graphql") @Nullable GraphQlSettings graphql,
            @JsonProperty("decode") @Nullable DecodeSettings decode,
            @JsonProperty("records") @Nullable RecordsSettings records,
            @JsonProperty("key") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<JsonPath> key,
            @JsonProperty("cursor") @Nullable CursorSettings cursor,
            @JsonProperty("next") @Nullable NextSettings next,
            @JsonProperty("job") @Nullable JobSettings job,
            @JsonProperty("detail") @Nullable DetailSettings detail,
            @JsonProperty("shrink") @Nullable ShrinkSettings shrink,
            @JsonProperty("cap") @Nullable Integer cap,
            @JsonProperty("truncated") @Nullable JsonPath truncated,
            @JsonProperty("window") @Nullable Span window,
            @JsonProperty("window-offset") @Nullable Span windowOffset,
            @JsonProperty("lookback") @Nullable Span lookback,
            @JsonProperty("lag") @Nullable Span lag,
            @JsonProperty("start") @Nullable String start,
            @JsonProperty("end") @Nullable String end,
            @JsonProperty("retention") @Nullable Span retention,
            @JsonProperty("zone") @Nullable String zone,
            @JsonProperty("partitions") @Nullable PartitionSettings partitions,
            @JsonProperty("disposition") @Nullable Disposition disposition,
            @JsonProperty("deleted") @Nullable Where deleted,
            @JsonProperty("shape") @Nullable Shape shape,
            @JsonProperty("sink") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<SinkSettings> sink,
            @JsonProperty("fields") @Nullable FieldSettings fields,
            @JsonProperty("add-fields") @Nullable Map<String, String> addFields,
            @JsonProperty("every") @Nullable Span every,
            @JsonProperty("cron") @Nullable String cron,
            @JsonProperty("parallel") @Nullable Integer parallel,
            @JsonProperty("max-pages") @Nullable Integer maxPages,
            @JsonProperty("each") @Nullable String each,
            @JsonProperty("schema") @Nullable JsonNode schema,
            @JsonProperty("max-rejected") @Nullable RejectShare maxRejected,
            @JsonProperty("outcomes") @Nullable List<OutcomeRule> outcomes,
            @JsonProperty("retries") @Nullable RetrySettings retries,
            @JsonProperty("weight") @Nullable Double weight,
            @JsonProperty("conditional") @Nullable Boolean conditional) {
        RequestSettings request =
                RequestSettings.of(method, path, null, query, queryLists, headers, body, form, graphql);
        return new Stream(
                enabled == null || enabled,
                url,
                request.path(),
                request.method(),
                request.query(),
                request.lists(),
                request.headers(),
                request.body(),
                request.form(),
                decode == null ? DecodeSettings.USUAL : decode,
                records == null ? RecordsSettings.at("$") : records,
                key == null ? List.of() : key,
                cursor == null ? null : cursor.cursor(),
                cursor == null ? null : cursor.sync(),
                next == null ? NextSettings.NONE : next,
                job,
                detail,
                shrink,
                cap,
                truncated,
                window,
                windowOffset,
                lookback == null ? Span.ZERO : lookback,
                lag == null ? Span.ZERO : lag,
                start == null ? defaultStart(cursor == null ? null : cursor.cursor()) : start,
                end,
                retention,
                zone(zoneField(zone) == null ? zone : null),
                zoneField(zone),
                partitions,
                disposition == null ? Disposition.APPEND : disposition,
                deleted,
                shape,
                sink == null ? List.of() : sink,
                fields,
                addFields == null ? Map.of() : addFields,
                every == null ? DEFAULT_EVERY : every,
                cron,
                parallel == null ? 1 : parallel,
                maxPages == null ? DEFAULT_MAX_PAGES : maxPages,
                each,
                schema,
                maxRejected == null ? RejectShare.USUAL : maxRejected,
                outcomes == null ? List.of() : outcomes,
                retries == null ? RetrySettings.USUAL : retries,
                weight,
                conditional != null && conditional);
    }

    private static String defaultStart(@Nullable Cursor cursor) {
        return cursor != null && !cursor.formats().get(0).isTime() ? "0" : DEFAULT_START;
    }

    /** Returns the field of {@code ${partition.zone}}, null if the text is a zone. */
    private static @Nullable String zoneField(@Nullable String zone) {
        Matcher matcher = PARTITION_ZONE.matcher(zone == null ? "" : zone);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** Returns how many requests of one slice may be on their way at once. */
    public int lanes() {
        return detail == null ? next.parallel() : detail.parallel();
    }

    /** Whether requests of one slice are sent side by side, or one for each record. */
    public boolean hasLanes() {
        return detail != null || next.parallel() > 1;
    }

    /** Returns what is asked for a page. */
    public RequestSettings request() {
        return new RequestSettings(method, path, null, query, queryLists, headers, body, form);
    }

    private static ZoneId zone(@Nullable String name) {
        try {
            return ZoneId.of(name == null ? "UTC" : name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "zone '%s' is not a time zone, write one such as Europe/Berlin".formatted(name), e);
        }
    }

    private static <E extends Enum<E>> E choice(String setting, String name, E[] values) {
        return Arrays.stream(values)
                .filter(value -> said(value).equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("%s '%s' is not one of %s"
                        .formatted(
                                setting,
                                name,
                                Arrays.stream(values).map(Stream::said).collect(Collectors.joining(", ")))));
    }

    private static String said(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
