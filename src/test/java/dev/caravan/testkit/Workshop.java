package dev.caravan.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.Connection;
import dev.caravan.camel.HttpTransport;
import dev.caravan.commit.Origin;
import dev.caravan.commit.StateStore;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.auth.Auth;
import dev.caravan.connection.auth.AuthContext;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.lake.Lake;
import dev.caravan.run.Engine;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.PageMemory;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Streams;
import dev.caravan.secret.KeyFile;
import dev.caravan.secret.SecretStore;
import dev.caravan.sink.Outlet;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Span;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the application wires together for streams to run, in a folder of a test and by a clock that the test moves. */
public final class Workshop implements AutoCloseable {
    /** A connection without limits worth speaking of; its address follows, then its streams. */
    private static final String CONNECTION = """
            - beans:
                - name: acme
                  type: dev.caravan.Connection
                  properties:
                    url: %s
                    auth: {type: bearer, token: s3cret-token}
                    quotas: [{rate: 10000, per: 1s, burst: 10000}]
                    in-flight: 64
            %s
            """;

    private static final String STREAM = """
            - templatedRoute:
                routeTemplateRef: stream
                routeId: acme-%s
                parameters: [{name: tick, value: "20"}, {name: first-tick, value: "1"}]
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
            %s
            """;

    /** Settings of a stream of {@link Orders}. */
    public static final String ORDERS = """
            path: /orders
            query: {from: "${window.from}", to: "${window.to}"}
            records: $.data
            key: id
            cursor: {field: at, format: iso}
            next: {from: body, value: $.next, to: query.page}
            start: "2026-03-01"
            window: 1d
            every: 1h
            """;

    private final Path data;
    private final Clock clock;
    private final StateStore store;
    private final Streams streams;
    private final List<RunSummary> summaries = new CopyOnWriteArrayList<>();
    private volatile Consumer<RunSummary> reports = summary -> {};
    private final Map<String, LiveConnection> connections = new HashMap<>();
    private Duration patience = Duration.ofMinutes(15);
    private PageMemory memory = new PageMemory(1L << 30);
    private int batchRows = 10_000;
    private Executor batches = Runnable::run;
    private Outlet outlet = new NoOutlet();
    private @Nullable HttpTransport transport;
    private Function<Path, Lake> lake = Lake::on;
    private Optional<Span> rejectsKept = Optional.empty();

    public Workshop(Path data, Clock clock) {
        this.data = data;
        this.clock = clock;
        this.store = StateStore.open(data.resolve("state/caravan.db"), clock);
        this.streams = new Streams(store);
    }

    public Workshop withPatience(Duration longest) {
        patience = longest;
        return this;
    }

    public Workshop withMemory(PageMemory all) {
        memory = all;
        return this;
    }

    public Workshop withOutlet(Outlet to) {
        outlet = to;
        return this;
    }

    /** @param on makes the lake from the folder of this machine */
    public Workshop withLake(Function<Path, Lake> on) {
        lake = on;
        return this;
    }

    /** @param threads write and commit batches; without any the slices do, at once */
    public Workshop withBatchThreads(Executor threads) {
        batches = threads;
        return this;
    }

    public Workshop withBatchRows(int rows) {
        batchRows = rows;
        return this;
    }

    public Workshop withRejectsKept(Optional<Span> how) {
        rejectsKept = how;
        return this;
    }

    public Engine engine() {
        return new Engine(
                data,
                lake.apply(data),
                store,
                List.of(SinkSettings.usual()),
                outlet,
                clock,
                patience,
                1 << 20,
                1 << 18,
                memory,
                batches,
                batchRows,
                1 << 24,
                rejectsKept,
                streams,
                this::report);
    }

    private void report(RunSummary summary) {
        reports.accept(summary);
        summaries.add(summary);
    }

    /** Has what is told of each run go somewhere else, too, before {@link #summaries} knows of it. */
    public void onSummary(Consumer<RunSummary> to) {
        reports = to;
    }

    /** Returns what the pages and batches of its streams hold together. */
    public PageMemory memory() {
        return memory;
    }

    public Streams streams() {
        return streams;
    }

    public StateStore store() {
        return store;
    }

    /** Returns the summaries of runs that left a trace, in the order they ended. */
    public List<RunSummary> summaries() {
        return List.copyOf(summaries);
    }

    /** Returns a vendor file of the connection {@code acme}. */
    public static String vendor(String url, String... streams) {
        return CONNECTION.formatted(url, String.join("", streams));
    }

    /** Returns a stream for {@link #vendor}. */
    public static String stream(String name, String properties) {
        return STREAM.formatted(name, properties.indent(14));
    }

    public VendorFile read(String yaml) {
        VendorFile file =
                new VendorFileReader(vendor -> List.of(), UnaryOperator.identity(), data).read("acme.camel.yaml", yaml);
        if (!file.problems().isEmpty()) {
            throw new IllegalArgumentException(file.problems().toString());
        }
        return file;
    }

    /** Returns the only stream of a vendor file. */
    public LiveStream live(String yaml) {
        return live(read(yaml).streams().get(0));
    }

    public LiveStream live(StreamDefinition definition) {
        LiveStream live = new LiveStream(definition, connection(definition), engine());
        streams.add(live);
        return live;
    }

    /** Returns the connection of a stream, the same for all that have its settings. */
    public LiveConnection connection(StreamDefinition definition) {
        return connections.computeIfAbsent(
                definition.connection() + definition.settings().hashCode(), name -> connect(definition));
    }

    private LiveConnection connect(StreamDefinition definition) {
        Connection settings = definition.settings();
        Auth auth = settings.auth().auth(authContext(definition.connection()));
        return connection(definition, Origin.REAL, auth, UnaryOperator.identity());
    }

    /** Returns what a connection's credential has around it: the real transport, and a store below the data. */
    public AuthContext authContext(String connection) {
        Path folder = data.resolve("state/credentials");
        return new AuthContext(
                connection, transport(), new SecretStore(folder, new KeyFile(folder.resolve("key")), clock), clock);
    }

    private synchronized HttpTransport transport() {
        HttpTransport known = transport;
        if (known == null) {
            known = new HttpTransport(64);
            transport = known;
        }
        return known;
    }

    /** Returns a connection that asks other addresses, with another credential. */
    public LiveConnection connection(
            StreamDefinition definition, Origin origin, Auth auth, UnaryOperator<URI> address) {
        Connection settings = definition.settings();
        return new LiveConnection(
                definition.connection(),
                definition.vendor(),
                origin,
                settings,
                auth,
                authContext(definition.connection()).store(),
                new Limiter(settings.limits(), null, clock),
                new Outcomes(settings.outcomes(), Redaction.of(auth::secrets), clock),
                new Origins(address.apply(settings.url()), settings.hosts(), InetAddress::getAllByName),
                address,
                auth.configured() ? null : "the connection '%s' has no credential".formatted(definition.connection()));
    }

    /** Returns the rows that a reader of folders sees for a stream, such as {@code acme/orders}. */
    public List<JsonNode> rows(String folder) {
        return Landed.in(data, folder).rows();
    }

    /** Returns the ids of {@link #rows}, sorted. */
    public List<Long> ids(String folder) {
        return rows(folder).stream()
                .map(row -> row.path("id").asLong())
                .sorted()
                .toList();
    }

    /** Returns how many rows lie in the folder of each day. */
    public Map<String, Long> days(String folder) {
        return Landed.in(data, folder).days();
    }

    @Override
    public void close() {
        if (transport != null) {
            transport.close();
        }
        store.close();
    }
}
