package dev.caravan.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.Connection;
import dev.caravan.Stream;
import dev.caravan.commit.Origin;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.connection.outcome.RetrySettings;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.page.DetailSettings;
import dev.caravan.page.Details;
import dev.caravan.page.JobSettings;
import dev.caravan.page.Jobs;
import dev.caravan.page.Known;
import dev.caravan.page.More;
import dev.caravan.page.NextSettings;
import dev.caravan.page.PageContent;
import dev.caravan.page.Pagination;
import dev.caravan.page.Position;
import dev.caravan.page.RenderContext;
import dev.caravan.page.RequestTemplate;
import dev.caravan.page.ShrinkSettings;
import dev.caravan.page.SyncSettings;
import dev.caravan.page.Template;
import dev.caravan.page.Validators;
import dev.caravan.record.ChosenFields;
import dev.caravan.record.FieldSettings;
import dev.caravan.record.FlatForm;
import dev.caravan.record.RawForm;
import dev.caravan.record.RecordForm;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordRules;
import dev.caravan.record.RecordSchema;
import dev.caravan.record.RecordsSettings;
import dev.caravan.record.SourceRecord;
import dev.caravan.record.decode.DecodeSettings;
import dev.caravan.record.decode.Decoder;
import dev.caravan.record.decode.Format;
import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionSettings;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SlicePlanner;
import dev.caravan.slice.SliceSettings;
import dev.caravan.slice.SliceSettings.Extent;
import dev.caravan.slice.Span;
import dev.caravan.slice.Window;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a stream's settings become: its requests, pages, records and slices. Everything that can be wrong with them is found
 * when it is made. Immutable; safe for any number of threads.
 */
final class StreamPlan {
    private static final Map<String, String> FILE_HEADERS =
            Map.of("User-Agent", "caravan", "Accept", "*/*", "Accept-Encoding", "gzip");

    private final StreamDefinition definition;
    private final Stream stream;
    private final LiveConnection connection;
    private final Set<String> fields;
    private final Map<ZoneId, Decoder> decoders = new ConcurrentHashMap<>();
    private final RecordLayout layout;
    private final RecordRules rules;
    private final RequestTemplate requests;
    private final @Nullable Jobs jobs;
    private final @Nullable Details details;
    private final Decoder listDecoder;
    private final Outcomes detailOutcomes;
    private final @Nullable RequestTemplate startRequests;
    private final @Nullable RequestTemplate fullRequests;
    private final @Nullable Decoder fullDecoder;
    private final Pagination pagination;
    private final More truncated;
    private final int maxPage;
    private final Decoder decoder;
    private final Map<String, Template> addFields = new LinkedHashMap<>();
    private final Redaction redaction;
    private final Fingerprint fingerprint;
    private final Outcomes outcomes;
    private final URI base;
    private final Map<String, String> headers;

    /** @throws IllegalArgumentException if a setting is wrong, naming it, its value and what would be right */
    StreamPlan(StreamDefinition definition, LiveConnection connection, long maxRecord, int maxPage) {
        this.definition = definition;
        this.stream = definition.stream();
        this.connection = connection;
        Connection settings = connection.settings();
        PartitionSettings parts = stream.partitions();
        this.fields = parts == null ? Set.of() : parts.expressions();
        URI own = stream.url();
        this.base = connection.address().apply(own == null ? settings.url() : own);
        this.requests = new RequestTemplate(stream.request());
        requests.check(known(new AnyName()));
        JobSettings job = stream.job();
        DetailSettings detail = stream.detail();
        this.details = detail == null ? null : new Details(detail, known(new AnyName()));
        this.jobs = job == null ? null : new Jobs(job, known(new AnyName()));
        stream.addFields().forEach((name, value) -> addFields.put(name, checked(value)));
        this.truncated = new More(stream.truncated());
        this.pagination = Pagination.of(stream.next(), connection.origins());
        SyncSettings sync = stream.sync();
        SyncSettings.Full all = sync == null ? null : sync.full();
        this.fullRequests = all == null ? null : new RequestTemplate(all.request());
        RecordLayout list = list(stream.records());
        this.layout = detail == null
                ? list
                : new RecordLayout(RecordsSettings.at("$"), stream.key(), null, List.of(), List.of());
        SyncSettings.Start first = sync == null ? null : sync.start();
        this.startRequests = first == null ? null : new RequestTemplate(first.request(stream.headers()));
        if (startRequests != null) {
            startRequests.check(known(new AnyName()));
        }
        if (fullRequests != null) {
            fullRequests.check(known(new AnyName()));
        }
        JsonNode schema = stream.schema();
        this.rules = new RecordRules(maxRecord, schema == null ? null : RecordSchema.of(schema));
        this.maxPage = maxPage;
        if (stream.decode().largest() > 0 && stream.hasLanes()) {
            throw new IllegalArgumentException(
                    "decode: largest is for streams that ask for one page after the other, without 'detail' and 'parallel' pages");
        }
        this.listDecoder = new Decoder(stream.decode(), list, RecordRules.NONE, maxPage);
        this.fullDecoder = all == null
                ? null
                : new Decoder(
                        stream.decode(),
                        list(stream.records().in(all.records())),
                        detail == null ? rules : RecordRules.NONE,
                        maxPage);
        this.decoder = decoder(stream.zone());
        this.redaction = Redaction.of(connection.auth()::secrets);
        this.outcomes = connection.outcomes().after(stream.outcomes());
        this.detailOutcomes = detail == null ? outcomes : outcomes.after(detail.outcomes());
        this.fingerprint = Fingerprint.of(stream, settings);
        this.headers = usualHeaders(settings, stream.decode().as());
        extent(Instant.EPOCH, stream.zone()); // only to find out whether it can be read
    }

    /** Returns what is read of an answer with records, or with what they are asked for one by one. */
    private RecordLayout list(RecordsSettings records) {
        SyncSettings sync = stream.sync();
        List<JsonPath> key = stream.detail() == null ? stream.key() : List.of();
        return new RecordLayout(records, key, null, List.of(), List.of())
                .taking(pagination.captures(), pagination.lastPaths())
                .taking(answers(), List.of())
                .taking(truncated.captures(), List.of())
                .taking(sync == null ? List.of() : List.of(sync.token().toString()), List.of());
    }

    private Template checked(String text) {
        Template template = Template.parse(text);
        template.check(known(Set.of()));
        return template;
    }

    /** Returns what expressions of requests may ask for. */
    private Known known(Collection<String> vars) {
        Set<String> roots = new HashSet<>();
        if (stream.cursor() != null) {
            roots.add("cursor");
        }
        if (stream.next().from() != NextSettings.From.NONE) {
            roots.add("answer");
        }
        Set<String> account = new HashSet<>(connection.settings().tags().keySet());
        account.add("name");
        return new Known(fields, vars, account, roots);
    }

    private static Map<String, String> usualHeaders(Connection settings, Format format) {
        Map<String, String> usual = new LinkedHashMap<>();
        usual.put("User-Agent", "caravan");
        usual.put("Accept", format.accept());
        usual.put("Accept-Encoding", "gzip");
        settings.headers().forEach((name, value) -> {
            usual.keySet().removeIf(name::equalsIgnoreCase);
            usual.put(name, value);
        });
        return usual;
    }

    /**
     * Checks that a run is given every value its requests ask for.
     *
     * @throws IllegalArgumentException naming the one that is missing
     */
    void checkVars(Map<String, String> vars) {
        requests.check(known(vars.keySet()));
        if (fullRequests != null) {
            fullRequests.check(known(vars.keySet()));
        }
        if (jobs != null) {
            jobs.check(known(vars.keySet()));
        }
        if (details != null) {
            details.check(known(vars.keySet()));
        }
    }

    /** Returns what reads the answers for a partition, whose cursors may be of a zone of its own. */
    Decoder decoder(Partition partition) {
        ZoneId zone = zone(partition);
        return zone.equals(stream.zone()) ? decoder : decoders.computeIfAbsent(zone, this::decoder);
    }

    private Decoder decoder(ZoneId zone) {
        Stream.Cursor cursor = stream.cursor();
        return new Decoder(
                details == null ? stream.decode() : DecodeSettings.USUAL,
                cursor == null ? layout : layout.withCursor(cursor.in(zone)),
                rules,
                maxPage);
    }

    /**
     * Returns the zone of a partition's days and of its times that name none.
     *
     * @throws PullException if the partition should name one and does not
     */
    ZoneId zone(Partition partition) {
        String field = stream.zoneField();
        String name =
                field == null || partition.isGroup() ? null : partition.fields().get(field);
        if (name == null) {
            return stream.zone();
        }
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: the partition %s has the zone '%s', which is none such as Europe/Berlin"
                            .formatted(definition.id(), partition.id(), name),
                    e);
        }
    }

    Redaction redaction() {
        return redaction;
    }

    /** Returns a request as the connection's quotas see it: its path is that below the connection's url, or below the stream's. */
    Ask ask(Request request, boolean first) {
        String path = Objects.requireNonNullElse(request.uri().getRawPath(), "");
        for (URI below :
                List.of(connection.address().apply(connection.settings().url()), base)) {
            String prefix = below.getRawPath().replaceFirst("/+$", "");
            if (path.startsWith(prefix + "/")) {
                path = path.substring(prefix.length());
                break;
            }
        }
        Double weight = stream.weight();
        return new Ask(
                definition.id(),
                request.method(),
                path,
                weight == null ? connection.limiter().weight(request.method(), path) : weight,
                first);
    }

    /** Returns what answers to this stream's requests mean: by its own rules, then by its connection's. */
    Outcomes outcomes() {
        return outcomes;
    }

    /** Returns how often and how long a page is asked for again. */
    RetrySettings retries() {
        return stream.retries().or(connection.settings().retries());
    }

    Position first() {
        return pagination.first();
    }

    boolean isCounted() {
        return pagination.isCounted();
    }

    /** Returns the later reading of a cursor without a zone that comes twice; empty for every other, which has only one. */
    Optional<Instant> laterReading(SourceRecord record, Partition partition) {
        Instant read = record.cursor();
        Stream.Cursor field = stream.cursor();
        if (read == null || field == null) {
            return Optional.empty();
        }
        ZoneRules rules = zone(partition).getRules();
        if (rules.isFixedOffset()) {
            return Optional.empty();
        }
        LocalDateTime local = LocalDateTime.ofInstant(read, zone(partition));
        List<ZoneOffset> offsets = rules.getValidOffsets(local);
        return offsets.size() > 1 && isLocal(record, field, read)
                ? Optional.of(local.toInstant(offsets.get(1)))
                : Optional.empty();
    }

    /** Whether the text of a cursor names no zone: read in another, it is another time. */
    private static boolean isLocal(SourceRecord record, Stream.Cursor cursor, Instant read) {
        byte[] bytes = Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
        Optional<String> text = cursor.places().stream()
                .flatMap(place -> place.textIn(bytes).stream())
                .findFirst();
        return text.isPresent() && !cursor.in(ZoneOffset.UTC).parse(text.get()).equals(read);
    }

    /** Whether a run pulls a span of the cursor: requests ask for it, or the list is read until it is older. */
    boolean isFiltered() {
        Stream.Cursor cursor = stream.cursor();
        return cursor != null && (cursor.filtered() || stopsEarly());
    }

    /** Whether a list that comes newest first, and cannot be asked for a span, is read only until it is older than the span. */
    boolean stopsEarly() {
        Stream.Cursor cursor = stream.cursor();
        return cursor != null && !cursor.filtered() && cursor.order() == Stream.Order.DESCENDING && !isOnce();
    }

    /** Whether the cursor is a time, as opposed to a number. */
    boolean isTimed() {
        return format().isTime();
    }

    /** Whether a partition is pulled once, when there is something new of it. */
    boolean isOnce() {
        PartitionSettings parts = stream.partitions();
        return parts != null && parts.isOnce();
    }

    /** Whether the greatest cursor seen is the checkpoint, rather than the end of the slice. */
    boolean isAscending() {
        Stream.Cursor cursor = stream.cursor();
        return cursor != null
                && stream.disposition() != Stream.Disposition.DELETE_INSERT
                && (!isTimed() || (cursor.order() == Stream.Order.ASCENDING && stream.window() == null));
    }

    /**
     * Whether a page may be full: a validator of such a page says nothing about the pages that may one day follow it. The size
     * of a page is not declared, but it is one of the numbers that are asked for.
     */
    boolean isFullPage(int records) {
        String count = Integer.toString(records);
        return stream.query().values().stream()
                .anyMatch(value -> value.toString().equals(count));
    }

    private Set<String> answers() {
        Set<String> answers = new HashSet<>(requests.answers());
        if (fullRequests != null) {
            answers.addAll(fullRequests.answers());
        }
        if (jobs != null) {
            answers.addAll(jobs.answers());
        }
        if (details != null) {
            answers.addAll(details.answers());
        }
        return answers;
    }

    Optional<Details> details() {
        return Optional.ofNullable(details);
    }

    /** Returns what reads the answers of a slice: lists of everything, lists of changes, or records that were asked for one by one. */
    Decoder decoder(Partition partition, boolean full, boolean made) {
        if (full && fullDecoder != null && !made) {
            return fullDecoder;
        }
        return details == null || made ? decoder(partition) : listDecoder;
    }

    /** Returns what the answers to the requests for single records mean. */
    Outcomes detailOutcomes() {
        return detailOutcomes;
    }

    /** Returns the request for a record of a page. */
    Request request(Details of, byte[] stub, Slice slice, Position position, RunContext run) {
        RenderContext context =
                context(slice.partition(), slice.window(), position, run).with(of.values(stub));
        return sent(of.request().render(base, headers, context));
    }

    /** Returns the page behind {@code asked} if that can be told before it is read. */
    /** Whether the page that follows may be asked for before the records of the one in front of it are taken in. */
    boolean asksAhead() {
        return stream.next().ahead()
                && !stream.hasLanes()
                && stream.job() == null
                && stream.decode().largest() == 0;
    }

    Optional<Position> ahead(Position asked, PageContent lastRead) {
        return answers().isEmpty() ? pagination.ahead(asked, lastRead) : Optional.empty();
    }

    Optional<Jobs> jobs() {
        return Optional.ofNullable(jobs);
    }

    /** Returns the request that gives the first token. */
    Request startRequest(Slice slice, RunContext run) {
        return sent(Objects.requireNonNull(startRequests, "No request gives the first token")
                .render(base, headers, context(slice.partition(), null, pagination.first(), run)));
    }

    Request request(Slice slice, Position position, RunContext run, @Nullable String etag, @Nullable String token) {
        RequestTemplate template = fullRequests != null && token == null ? fullRequests : requests;
        Request request = template.render(base, headers, context(slice.partition(), slice.window(), position, run));
        Request turned = jobs == null ? pagination.turn(request, position) : request;
        return Validators.ask(sent(withToken(turned, position, token)), etag);
    }

    /** Pages behind the first have what they need where each has an address of its own. */
    private Request withToken(Request request, Position position, @Nullable String token) {
        SyncSettings sync = stream.sync();
        boolean first = position.equals(pagination.first());
        if (sync == null || token == null || (!first && stream.next().from().isAddress())) {
            return request;
        }
        return sync.put(request, token, first);
    }

    /** Returns the request for how a job stands, or for a page of its result. */
    Request request(RequestTemplate of, boolean pages, Slice slice, Position position, RunContext run) {
        RenderContext context = context(slice.partition(), slice.window(), position, run)
                .with(Jobs.values(Objects.requireNonNull(position.job(), "No job yet")));
        Request request = of.render(base, headers, context);
        return sent(pages ? pagination.turn(request, position) : request);
    }

    /** Returns the request for a file of a job's result. Files lie elsewhere; what is meant for the API is not sent there. */
    Request file(String address) {
        URI uri = Uris.resolve(base, Jobs.address(address));
        connection.origins().check(uri);
        boolean own = connection.origins().isOwn(uri);
        Request request = new Request("GET", uri, own ? headers : FILE_HEADERS, null);
        return own ? sent(request) : request;
    }

    /** Returns {@code request} with the credential, if it goes where that may go. */
    Request sent(Request request) {
        URI uri = request.uri();
        boolean configured = uri.getHost() != null
                && uri.getHost().equalsIgnoreCase(base.getHost())
                && uri.getPort() == base.getPort()
                && uri.getScheme().equals(base.getScheme());
        if (!configured) {
            connection.origins().check(uri);
        }
        // The credential goes where the file says, and to the connection's own origin, but nowhere an answer leads to.
        boolean trusted = configured || connection.origins().isOwn(uri);
        return trusted ? connection.auth().authorize(request) : request;
    }

    Optional<Position> next(Position asked, Answer answer, PageContent content) {
        return pagination.after(asked, answer, content).map(next -> next.keeping(kept(content)));
    }

    /** Returns what shows that the vendor has cut the slice short; empty if nothing does. */
    Optional<String> truncation(Position asked, PageContent content) {
        if (truncated.isTold(content)) {
            return Optional.of("the vendor says at %s that it was cut short".formatted(stream.truncated()));
        }
        Integer cap = stream.cap();
        return cap != null && asked.offset() + content.records() >= cap
                ? Optional.of("it has the %,d records that are the most the vendor gives".formatted(cap))
                : Optional.empty();
    }

    @Nullable
    ShrinkSettings shrink() {
        return stream.shrink();
    }

    private Map<String, String> kept(PageContent content) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (String path : answers()) {
            String value = content.captured().get(path);
            if (value != null) {
                kept.put(path, value);
            }
        }
        return kept;
    }

    /** Returns what is known beside the records of a partition. */
    Map<String, String> given(Partition partition) {
        Map<String, String> given = new LinkedHashMap<>(partition.fields());
        given.putAll(added(partition, Instant.EPOCH));
        return given;
    }

    RecordForm form(Partition partition, Stream.Shape shape, String run, Instant started) {
        RecordForm whole = wholeForm(partition, shape, run, started);
        FieldSettings fields = stream.fields();
        return fields == null ? whole : new ChosenFields(fields, whole);
    }

    private RecordForm wholeForm(Partition partition, Stream.Shape shape, String run, Instant started) {
        Map<String, String> tags = connection.settings().tags();
        Map<String, String> added = new LinkedHashMap<>(added(partition, started));
        if (shape == Stream.Shape.RAW) {
            return new RawForm(tags.getOrDefault("org", connection.name()), run, started, added);
        }
        added.putAll(tags);
        if (connection.origin() == Origin.STUB) {
            added.put("_caravan_origin", Origin.STUB.toString());
        }
        return new FlatForm(run, started, added);
    }

    private Map<String, String> added(Partition partition, Instant started) {
        Map<String, String> added = new LinkedHashMap<>();
        RenderContext context =
                context(partition, null, pagination.first(), new RunContext("", started, started, Map.of()));
        addFields.forEach((name, template) -> template.render(context).ifPresent(value -> added.put(name, value)));
        return added;
    }

    private RenderContext context(Partition partition, @Nullable Window window, Position position, RunContext run) {
        return new RenderContext(
                window,
                format(),
                zone(partition),
                partition,
                position,
                run.vars(),
                run.started(),
                run.now(),
                values(run));
    }

    private Map<String, String> values(RunContext run) {
        Map<String, String> values = new LinkedHashMap<>();
        connection.settings().tags().forEach((name, value) -> values.put("connection." + name, value));
        values.put("connection.name", connection.name());
        values.put("run.id", run.id());
        Stream.Cursor cursor = stream.cursor();
        if (cursor != null) {
            values.put("cursor.name", cursor.name());
        }
        return values;
    }

    private CursorFormat format() {
        Stream.Cursor cursor = stream.cursor();
        return cursor == null ? CursorFormat.ISO : cursor.formats().get(0);
    }

    /**
     * Returns how an ordinary run that begins at {@code started} is cut.
     *
     * @param partitions that the stream has today
     */
    SliceSettings slices(Instant started, List<Partition> partitions) {
        // The sandbox's data lies between fixed days, whatever the clock and the stream's own start say.
        boolean stub = connection.origin() == Origin.STUB && isTimed();
        return settings(
                zone -> stub
                        ? new Extent(StubSpan.from(format(), zone), StubSpan.to(format(), zone))
                        : extent(started, zone),
                stream.lookback(),
                stream.lag(),
                stub ? null : stream.retention(),
                partitions);
    }

    /** Returns the halves of a slice, empty if it cannot be divided. */
    List<Window> halves(Slice slice) {
        return new SlicePlanner(slices(Instant.EPOCH, List.of())).halves(slice);
    }

    /** Returns how a backfill is cut: by the stream's window, without lookback and lag. */
    SliceSettings backfill(Window span, List<Partition> partitions) {
        return settings(
                zone -> new Extent(moved(span.from(), zone), wholeDay(moved(span.to(), zone), zone)),
                Span.ZERO,
                Span.ZERO,
                stream.retention(),
                partitions);
    }

    /** Days of a backfill are named for the stream, and meant as the days of each partition. */
    private Instant moved(Instant bound, ZoneId zone) {
        LocalDateTime local = LocalDateTime.ofInstant(bound, stream.zone());
        return local.toLocalTime().equals(LocalTime.MIDNIGHT)
                ? local.atZone(zone).toInstant()
                : bound;
    }

    /** What is pulled of a day takes the place of all that is there of it, so all of it is pulled. */
    private Instant wholeDay(Instant end, ZoneId zone) {
        if (stream.disposition() != Stream.Disposition.DELETE_INSERT) {
            return end;
        }
        LocalDate last = end.minusNanos(1).atZone(zone).toLocalDate();
        return last.plusDays(1).atStartOfDay(zone).toInstant();
    }

    private SliceSettings settings(
            Function<ZoneId, Extent> extents,
            Span lookback,
            Span lag,
            @Nullable Span retention,
            List<Partition> partitions) {
        return new SliceSettings(
                isFiltered(),
                format(),
                isAscending(),
                extents,
                stopsEarly() ? null : stream.window(),
                stopsEarly() ? null : stream.windowOffset(),
                lookback,
                lag,
                retention,
                this::zone,
                partitions,
                group(),
                stream.disposition() == Stream.Disposition.DELETE_INSERT,
                isOnce());
    }

    /** Returns the instant from which keys must be known for a run that resumes at {@code checkpoint}. */
    Instant firstOf(Instant checkpoint) {
        // Numbers are kept like times, so this far back; days would be too few of them.
        return isTimed()
                ? stream.lookback().before(checkpoint, stream.zone()).minus(Duration.ofDays(1))
                : checkpoint.minusMillis(1);
    }

    private Extent extent(Instant started, ZoneId zone) {
        String end = stream.end();
        return new Extent(start(started, zone), end == null ? null : bound("end", end, zone));
    }

    private Instant start(Instant started, ZoneId zone) {
        String text = stream.start();
        if (!isTimed()
                || text.endsWith("Z")
                || (!text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1)))) {
            return bound("start", text, zone);
        }
        try {
            return Span.parse(text).before(started, zone);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "start '%s' is no day, time or span: write 2026-01-31, 2026-01-31T12:00:00Z or 90d".formatted(text),
                    e);
        }
    }

    private Instant bound(String setting, String text, ZoneId zone) {
        try {
            return (isTimed() ? CursorFormat.ISO : format()).parse(text, zone);
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    isTimed()
                            ? "%s '%s' is no day or time: write 2026-01-31 or 2026-01-31T12:00:00Z"
                                    .formatted(setting, text)
                            : "%s '%s' is no number, as the cursor is".formatted(setting, text),
                    e);
        }
    }

    /** Returns the partitions that the vendor file lists; empty where they are another stream's records. */
    Optional<List<Partition>> listed() {
        PartitionSettings parts = stream.partitions();
        if (parts == null) {
            return Optional.of(List.of(Partition.WHOLE));
        }
        return parts.parent() == null ? Optional.of(parts.listed()) : Optional.empty();
    }

    /** Returns how many partitions share a slice at most. */
    int group() {
        PartitionSettings parts = stream.partitions();
        return parts == null ? 1 : parts.group();
    }

    /** Whether the stream has a partition, or may have had it while it was another stream's record. */
    boolean mayHave(Partition partition) {
        return listed().map(all -> all.contains(partition))
                .orElseGet(() -> partition.fields().keySet().equals(taken()));
    }

    private Set<String> taken() {
        return parent().map(parent -> parent.take().keySet()).orElse(Set.of());
    }

    /** Whether the vendor gives a token to ask for changes with, in place of a cursor. */
    boolean isToken() {
        return stream.sync() != null;
    }

    /**
     * Whether a list that was interrupted is gone on with: what changed of it meanwhile the token tells of, if its pages are not
     * counted.
     */
    boolean isContinued() {
        return isToken() && !isCounted();
    }

    /** Returns where partitions come from that are another stream's records. */
    Optional<ParentSettings> parent() {
        return Optional.ofNullable(stream.partitions()).map(PartitionSettings::parent);
    }

    /**
     * Reads a time as people or the vendor write it: a day, an ISO time, or one of the cursor's formats.
     *
     * @throws IllegalArgumentException if it is none, naming what would be right
     */
    Instant time(String text) {
        Stream.Cursor cursor = stream.cursor();
        if (!isTimed()) {
            return bound("cursor", text, stream.zone());
        }
        List<CursorFormat> formats = new ArrayList<>(List.of(CursorFormat.ISO));
        formats.addAll(cursor == null ? List.of() : cursor.formats());
        for (CursorFormat each : formats) {
            try {
                return each.parse(text, stream.zone());
            } catch (IllegalArgumentException e) {
                // Of another format, then.
            }
        }
        throw new IllegalArgumentException("'%s' is no time: write 2026-01-31 or 2026-01-31T12:00:00Z%s"
                .formatted(
                        text,
                        formats.size() == 1 || formats.get(1).equals(CursorFormat.ISO)
                                ? ""
                                : ", or as the cursor is written"));
    }

    /** Returns a checkpoint as people and the vendor write it: a time in ISO 8601, a number in digits. */
    String written(Instant checkpoint) {
        return isTimed() ? checkpoint.toString() : format().format(checkpoint, stream.zone());
    }

    String definitionHash() {
        return fingerprint.toString();
    }

    /**
     * Returns the progress to go on from.
     *
     * @param before as committed
     * @param committed fingerprint of the definition that committed it, null if there is none
     * @throws DefinitionChangedException if what was committed cannot be continued under the definition of today
     */
    Progress resumable(Progress before, @Nullable String committed) {
        if (committed == null || committed.equals(fingerprint.toString())) {
            return before;
        }
        Fingerprint earlier = Fingerprint.parse(committed);
        if (!earlier.identity().equals(fingerprint.identity())) {
            throw new DefinitionChangedException(definition.id(), definition.file());
        }
        return before.withoutPositions();
    }

    /** Returns the progress to go on from when somebody says that it holds; positions in the pages of other requests do not. */
    Progress kept(Progress before, @Nullable String committed) {
        boolean sameRequests =
                committed == null || Fingerprint.parse(committed).request().equals(fingerprint.request());
        return sameRequests ? before : before.withoutPositions();
    }

    /** At loading, values that a run will be given may have any name. */
    private static final class AnyName extends AbstractCollection<String> {
        @Override
        public boolean contains(Object name) {
            return true;
        }

        @Override
        public Iterator<String> iterator() {
            return Collections.emptyIterator();
        }

        @Override
        public int size() {
            return 0;
        }
    }
}
