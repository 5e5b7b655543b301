package dev.caravan.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.Connection;
import dev.caravan.Stream;
import dev.caravan.commit.Origin;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.page.PageContent;
import dev.caravan.page.Pagination;
import dev.caravan.page.Position;
import dev.caravan.page.RenderContext;
import dev.caravan.page.RequestSettings;
import dev.caravan.page.RequestTemplate;
import dev.caravan.page.Template;
import dev.caravan.page.Validators;
import dev.caravan.record.CursorField;
import dev.caravan.record.FlatForm;
import dev.caravan.record.RawForm;
import dev.caravan.record.RecordForm;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordReader;
import dev.caravan.record.RecordRules;
import dev.caravan.record.RecordSchema;
import dev.caravan.record.SourceRecord;
import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionSettings;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SlicePlanner;
import dev.caravan.slice.SliceSettings;
import dev.caravan.slice.Span;
import dev.caravan.slice.Window;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream's settings become: its requests, pages, records and slices. Everything that can be wrong with them is found
 * when it is made. Immutable; safe for any number of threads.
 */
final class StreamPlan {
    private final StreamDefinition definition;
    private final Stream stream;
    private final LiveConnection connection;
    private final List<Partition> partitions;
    private final RequestTemplate requests;
    private final Pagination pagination;
    private final RecordReader reader;
    private final Map<String, Template> addFields = new LinkedHashMap<>();
    private final Redaction redaction;
    private final Fingerprint fingerprint;
    private final URI base;
    private final Map<String, String> headers;

    /** @throws IllegalArgumentException if a setting is wrong, naming it, its value and what would be right */
    StreamPlan(StreamDefinition definition, LiveConnection connection, long maxRecord) {
        this.definition = definition;
        this.stream = definition.stream();
        this.connection = connection;
        Connection settings = connection.settings();
        PartitionSettings parts = stream.partitions();
        this.partitions = parts == null ? List.of(Partition.WHOLE) : parts.partitions();
        URI own = stream.url();
        this.base = connection.address().apply(own == null ? settings.url() : own);
        this.requests = new RequestTemplate(RequestSettings.of(
                stream.method(), stream.path(), null, stream.query(), stream.headers(), stream.body()));
        Set<String> fields = partitions.get(0).fields().keySet();
        requests.check(fields, new AnyName());
        stream.addFields().forEach((name, value) -> addFields.put(name, checked(value, fields)));
        this.pagination = Pagination.of(stream.next(), connection.origins());
        Stream.Cursor cursor = stream.cursor();
        RecordLayout layout = new RecordLayout(stream.records(), stream.key(), null, List.of(), List.of());
        if (cursor != null) {
            layout = layout.withCursor(new CursorField(cursor.field(), cursor.formats(), stream.zone()));
        }
        JsonNode schema = stream.schema();
        this.reader = new RecordReader(
                layout.taking(pagination.captures(), pagination.lastPaths()),
                new RecordRules(maxRecord, schema == null ? null : RecordSchema.of(schema)));
        this.redaction = Redaction.of(connection.auth()::secrets);
        this.fingerprint = Fingerprint.of(stream, settings);
        this.headers = usualHeaders(settings);
        start(Instant.EPOCH); // only to find out whether it can be read
    }

    private static Template checked(String text, Set<String> fields) {
        Template template = Template.parse(text);
        template.check(fields, Set.of());
        return template;
    }

    private static Map<String, String> usualHeaders(Connection settings) {
        Map<String, String> usual = new LinkedHashMap<>();
        usual.put("User-Agent", "caravan");
        usual.put("Accept", "application/json");
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
        requests.check(partitions.get(0).fields().keySet(), vars.keySet());
    }

    RecordReader reader() {
        return reader;
    }

    Redaction redaction() {
        return redaction;
    }

    Position first() {
        return pagination.first();
    }

    boolean isCounted() {
        return pagination.isCounted();
    }

    /** Returns the later reading of a cursor without a zone that comes twice; empty for every other, which has only one. */
    Optional<Instant> laterReading(SourceRecord record) {
        Instant read = record.cursor();
        Stream.Cursor field = stream.cursor();
        if (read == null || field == null || stream.zone().getRules().isFixedOffset()) {
            return Optional.empty();
        }
        LocalDateTime local = LocalDateTime.ofInstant(read, stream.zone());
        List<ZoneOffset> offsets = stream.zone().getRules().getValidOffsets(local);
        return offsets.size() > 1 && isLocal(record, field, read)
                ? Optional.of(local.toInstant(offsets.get(1)))
                : Optional.empty();
    }

    /** Whether the text of a cursor names no zone: read in another, it is another time. */
    private static boolean isLocal(SourceRecord record, Stream.Cursor cursor, Instant read) {
        byte[] bytes = Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
        Optional<String> text = cursor.field().textIn(bytes);
        return text.isPresent()
                && !new CursorField(cursor.field(), cursor.formats(), ZoneOffset.UTC)
                        .parse(text.get())
                        .equals(read);
    }

    /** Whether requests ask for a span of the cursor. */
    boolean isFiltered() {
        Stream.Cursor cursor = stream.cursor();
        return cursor != null && cursor.filtered();
    }

    /** Whether the greatest cursor seen is the checkpoint, rather than the end of the slice. */
    boolean isAscending() {
        Stream.Cursor cursor = stream.cursor();
        return cursor != null && cursor.order() == Stream.Order.ASCENDING && stream.window() == null;
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

    Request request(Slice slice, Position position, RunContext run, @Nullable String etag) {
        Request request = pagination.turn(
                requests.render(base, headers, context(slice.partition(), slice.window(), position, run)), position);
        URI uri = request.uri();
        boolean configured = uri.getHost().equalsIgnoreCase(base.getHost())
                && uri.getPort() == base.getPort()
                && uri.getScheme().equals(base.getScheme());
        if (!configured) {
            connection.origins().check(uri);
        }
        // The credential goes where the file says, and to the connection's own origin, but nowhere an answer leads to.
        boolean trusted = configured || connection.origins().isOwn(uri);
        return Validators.ask(trusted ? connection.auth().authorize(request) : request, etag);
    }

    Optional<Position> next(Position asked, Answer answer, PageContent content) {
        return pagination.after(asked, answer, content);
    }

    /** Returns what is known beside the records of a partition. */
    Map<String, String> given(Partition partition) {
        Map<String, String> given = new LinkedHashMap<>(partition.fields());
        given.putAll(added(partition, Instant.EPOCH));
        return given;
    }

    RecordForm form(Partition partition, String run, Instant started) {
        Map<String, String> tags = connection.settings().tags();
        Map<String, String> added = new LinkedHashMap<>(added(partition, started));
        if (stream.shape() == Stream.Shape.RAW) {
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
        RenderContext context = context(partition, null, pagination.first(), new RunContext("", started, Map.of()));
        addFields.forEach((name, template) -> template.render(context).ifPresent(value -> added.put(name, value)));
        return added;
    }

    private RenderContext context(Partition partition, @Nullable Window window, Position position, RunContext run) {
        return new RenderContext(window, format(), stream.zone(), partition, position, run.vars(), run.started());
    }

    private CursorFormat format() {
        Stream.Cursor cursor = stream.cursor();
        return cursor == null ? CursorFormat.ISO : cursor.formats().get(0);
    }

    /** Returns how an ordinary run that begins at {@code started} is cut. */
    SliceSettings slices(Instant started) {
        boolean stub = connection.origin() == Origin.STUB;
        // The sandbox's data lies between fixed days, whatever the clock and the stream's own start say.
        Instant start = stub ? StubSpan.from(format(), stream.zone()) : start(started);
        return settings(
                start,
                stub ? StubSpan.to(format(), stream.zone()) : null,
                stream.window(),
                stream.lookback(),
                stream.lag());
    }

    /** Returns the halves of a window, empty if it cannot be divided. */
    List<Window> halves(Window window) {
        return new SlicePlanner(backfill(window)).halves(window);
    }

    /** Returns how a backfill is cut: by the stream's window, without lookback and lag. */
    SliceSettings backfill(Window span) {
        return settings(span.from(), span.to(), stream.window(), Span.ZERO, Span.ZERO);
    }

    private SliceSettings settings(
            Instant start, @Nullable Instant end, @Nullable Span window, Span lookback, Span lag) {
        return new SliceSettings(
                isFiltered(), format(), isAscending(), start, end, window, lookback, lag, stream.zone(), partitions);
    }

    /** Returns the instant from which keys must be known for a run that resumes at {@code checkpoint}. */
    Instant firstOf(Instant checkpoint) {
        return stream.lookback().before(checkpoint, stream.zone());
    }

    private Instant start(Instant started) {
        String text = stream.start();
        ZoneId zone = stream.zone();
        try {
            return Character.isDigit(text.charAt(text.length() - 1)) || text.endsWith("Z")
                    ? CursorFormat.ISO.parse(text, zone)
                    : Span.parse(text).before(started, zone);
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "start '%s' is no day, time or span: write 2026-01-31, 2026-01-31T12:00:00Z or 90d".formatted(text),
                    e);
        }
    }

    List<Partition> partitions() {
        return partitions;
    }

    /**
     * Reads a time as people or the vendor write it: a day, an ISO time, or one of the cursor's formats.
     *
     * @throws IllegalArgumentException if it is none, naming what would be right
     */
    Instant time(String text) {
        Stream.Cursor cursor = stream.cursor();
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
                        formats.size() == 1 || formats.get(1) == CursorFormat.ISO
                                ? ""
                                : ", or as the cursor is written"));
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
