package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.definition.Account;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.run.Act;
import dev.caravan.run.By;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.Query;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.SimpleRegistry;
import org.jspecify.annotations.Nullable;

/** A Camel context with the beans of the application, and the routes of a folder in it. */
final class LoadedRoutes implements StreamMaker, AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final DefaultCamelContext context = new DefaultCamelContext(new DefaultRegistry(new SimpleRegistry()));
    private final HttpTransport transport = new HttpTransport(200);
    private final Streams streams;
    private final Function<StreamDefinition, LiveStream> live;
    private final StreamRoutes routes;
    private final LiveRoutes edits;
    private final Steering steering;
    private final SteeredRoutes steered;
    private final List<Act> acts = new CopyOnWriteArrayList<>();

    LoadedRoutes(Workshop workshop, Path folder, Map<String, String> settings) throws Exception {
        this(
                workshop,
                folder,
                settings,
                definition -> new LiveStream(definition, workshop.connection(definition), workshop.engine()));
    }

    /** Writes a vendor file into a folder and loads it, which must bring up no problem. */
    static LoadedRoutes of(Workshop workshop, Path folder, String vendorFile) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve("acme.camel.yaml"), vendorFile);
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    /** @param accounts of the vendor of every file */
    LoadedRoutes(Workshop workshop, Path folder, List<Account> accounts) throws Exception {
        this(
                workshop,
                folder,
                Map.of(),
                definition -> new LiveStream(definition, workshop.connection(definition), workshop.engine()),
                accounts,
                "");
    }

    LoadedRoutes(
            Workshop workshop, Path folder, Map<String, String> settings, Function<StreamDefinition, LiveStream> live)
            throws Exception {
        this(workshop, folder, settings, live, List.of(), "");
    }

    /**
     * Loads routes whose streams run when somebody asks them, and not before.
     *
     * @param connection makes the connection of an account, which its streams share
     * @param only the one that has a route, beside those whose records it needs; "" for all
     */
    static LoadedRoutes whenAsked(
            Workshop workshop,
            Path folder,
            Map<String, String> settings,
            Function<StreamDefinition, LiveConnection> connection,
            String only)
            throws Exception {
        Map<String, LiveConnection> connections = new HashMap<>();
        Function<StreamDefinition, LiveStream> live = definition -> {
            LiveConnection shared =
                    connections.computeIfAbsent(definition.connection(), name -> connection.apply(definition));
            LiveStream stream = new LiveStream(definition, shared, workshop.engine());
            stream.onlyWhenAsked();
            return stream;
        };
        return new LoadedRoutes(workshop, folder, settings, live, List.of(), only);
    }

    private LoadedRoutes(
            Workshop workshop,
            Path folder,
            Map<String, String> settings,
            Function<StreamDefinition, LiveStream> live,
            List<Account> accounts,
            String only)
            throws Exception {
        streams = workshop.streams();
        steering = new Steering(streams, workshop.store(), workshop.engine().clock(), acts::add);
        steered = new SteeredRoutes(context, streams);
        context.getCamelContextExtension().setName("test-" + NAMES.incrementAndGet());
        Properties properties = new Properties();
        properties.setProperty("caravan.retry-delay", "5");
        settings.forEach(properties::setProperty);
        context.getPropertiesComponent().setInitialProperties(properties);
        context.getShutdownStrategy().setTimeout(5);
        SharedMBeanInfo.use(context);
        TemplateBeans.bind(
                context, streams, transport, new RunPolicy(streams, steering, steered, () -> new By("jmx", "jmx")));
        streams.watch(steering);
        this.live = live;
        workshop.withOutlet(new CamelOutlet(() -> context));
        routes = new StreamRoutes(
                        folder,
                        new VendorFileReader(vendor -> accounts, context::resolvePropertyPlaceholders, folder),
                        this,
                        streams,
                        transport)
                .trying(context)
                .withCopies(workshop.engine().data().resolve("state/routes"));
        edits = new LiveRoutes(
                context, routes, streams, steering, steered, workshop.engine().clock());
        List<VendorFile> files = routes.define();
        Set<String> wanted = streams.find(only).stream()
                .flatMap(stream -> Stream.concat(Stream.of(stream), streams.ancestors(stream).stream()))
                .map(LiveStream::id)
                .collect(Collectors.toSet());
        routes.load(context, files, stream -> only.isEmpty() || wanted.contains(stream.id()));
    }

    @Override
    public LiveStream make(StreamDefinition definition, @Nullable LiveStream before) {
        LiveStream made = live.apply(definition);
        return before == null ? made : before.redefined(definition, made.connection());
    }

    @Override
    public void check(StreamDefinition definition) {
        assertThat(live.apply(definition)).isNotNull();
    }

    String eject(String id) {
        return routes.eject(streams.live(id));
    }

    /** Returns what applies edits, when it is told to look. */
    LiveRoutes edits() {
        return edits;
    }

    DefaultCamelContext context() {
        return context;
    }

    Streams streams() {
        return streams;
    }

    /** Returns what steers the streams; their routes follow. */
    Steering steering() {
        steering.drive(steered);
        return steering;
    }

    /** Returns what was done so far. */
    List<Act> acts() {
        return List.copyOf(acts);
    }

    /** Asks the streams for a run each, starts the routes if need be, and returns how the runs ended. */
    List<RunSummary> pull(String... ids) throws Exception {
        List<RunRequest> requests = List.of(ids).stream().map(this::ask).toList();
        context.start();
        List<RunSummary> summaries = new java.util.ArrayList<>();
        for (RunRequest request : requests) {
            summaries.add(request.done().get(30, TimeUnit.SECONDS));
        }
        return summaries;
    }

    RunRequest ask(String id) {
        RunRequest request = RunRequest.now();
        streams.live(id).ask(request);
        return request;
    }

    /** Returns the steps of a stream that JMX shows and that are not disabled, without the prefix of the instance. */
    Set<String> steps(String stream) {
        try {
            ObjectName pattern = new ObjectName("org.apache.camel:context=%s,type=processors,name=\"%s-*\""
                    .formatted(context.getManagementName(), stream));
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            return server.queryNames(pattern, Query.eq(Query.attr("Disabled"), Query.value(false))).stream()
                    .map(name -> ObjectName.unquote(name.getKeyProperty("name")).substring(stream.length() + 1))
                    .collect(Collectors.toSet());
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        try {
            context.close();
            edits.close();
            steered.close();
            transport.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
