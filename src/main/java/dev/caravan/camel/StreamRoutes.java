package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.failure.PullException;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes routes of the files in {@code routes/}. A file, or a stream, that cannot be used is reported with place and remedy
 * and left out; everything else runs.
 */
public final class StreamRoutes {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.routes");
    private static final String ENDING = ".camel.yaml";
    /** Our own parts, for a folder that has none. */
    private static final List<String> BUILT_IN = List.of("shared/errors" + ENDING, "templates/stream" + ENDING);

    /** Most requests of one stream that are on their way at once: as many as of the whole process. */
    private static final int MOST_LANES = 200;

    private final Path folder;
    private final VendorFileReader reader;
    private final Function<StreamDefinition, LiveStream> live;
    private final Streams streams;
    private final HttpTransport transport;

    /**
     * @param folder of vendor files, with {@code shared/} and {@code templates/}; without these two, the built-in ones serve
     * @param live makes a stream of its definition; throws {@link IllegalArgumentException} if the definition is wrong
     */
    public StreamRoutes(
            Path folder,
            VendorFileReader reader,
            Function<StreamDefinition, LiveStream> live,
            Streams streams,
            HttpTransport transport) {
        this.folder = folder;
        this.reader = reader;
        this.live = live;
        this.streams = streams;
        this.transport = transport;
    }

    /** Reads all vendor files and makes their streams known, without any route. */
    public List<VendorFile> define() {
        List<VendorFile> files = VendorFileReader.withoutDuplicates(read());
        for (VendorFile file : files) {
            file.problems().forEach(this::report);
            for (StreamDefinition definition : file.streams()) {
                if (definition.stream().enabled()) {
                    define(definition);
                }
            }
        }
        streams.withoutLost().forEach(this::report);
        return files;
    }

    /**
     * Makes the routes of the streams that {@code wanted} accepts, in a context that has not started.
     *
     * @param files what {@link #define} returned
     */
    public void load(CamelContext context, List<VendorFile> files, Predicate<LiveStream> wanted) {
        builtIn().forEach((name, text) -> loadText(context, name, text));
        for (VendorFile file : files) {
            List<LiveStream> chosen = file.streams().stream()
                    .map(StreamDefinition::id)
                    .flatMap(id ->
                            streams.all().stream().filter(stream -> stream.id().equals(id)))
                    .filter(wanted)
                    .toList();
            if (chosen.isEmpty() && !file.streams().isEmpty()) {
                continue;
            }
            chosen.forEach(stream -> bind(context, stream));
            if (!file.camel().isEmpty() && !loadText(context, file.file(), file.camel())) {
                chosen.forEach(streams::remove);
                continue;
            }
            for (LiveStream stream : chosen) {
                instantiate(context, stream);
            }
        }
    }

    /** Returns the expanded plain route of a stream, as YAML that this loader reads. */
    public String eject(LiveStream stream) {
        String template = builtIn().get("templates/stream" + ENDING);
        return Ejection.of(stream.definition(), template == null ? "" : template, Instantiation.parameters(stream));
    }

    private void define(StreamDefinition definition) {
        try {
            streams.add(live.apply(definition));
        } catch (IllegalArgumentException | PullException e) {
            report(new Problem(
                    definition.file(),
                    definition.id(),
                    "%s:%d: stream '%s': %s"
                            .formatted(definition.file(), definition.line(), definition.id(), e.getMessage())));
        }
    }

    private void bind(CamelContext context, LiveStream stream) {
        SlicePool pool = new SlicePool(stream.id(), stream.definition().stream().parallel());
        context.getRegistry().bind(Names.slices(stream.id()), pool);
        if (stream.definition().stream().hasLanes()) {
            int width = stream.definition().stream().lanes()
                    * stream.definition().stream().parallel();
            context.getRegistry()
                    .bind(Names.lanes(stream.id()), new SlicePool(stream.id() + "-lane", Math.min(width, MOST_LANES)));
        }
        Duration deadline = stream.connection().settings().deadline().toDuration();
        context.getRegistry().bind(Names.http(stream.connection().name()), transport.within(deadline));
        context.getRegistry().bind(Names.format(stream.id()), new PageFormat());
    }

    private void instantiate(CamelContext context, LiveStream stream) {
        StreamDefinition definition = stream.definition();
        if (definition.template().isEmpty()) {
            return;
        }
        try {
            TemplatedRouteBuilder route = TemplatedRouteBuilder.builder(context, definition.template())
                    .routeId(stream.id())
                    .prefixId(stream.id() + "-");
            Instantiation.parameters(stream).forEach(route::parameter);
            RouteShape.settle(context, route.add());
        } catch (RuntimeException e) {
            streams.remove(stream);
            report(new Problem(
                    definition.file(),
                    stream.id(),
                    "%s:%d: stream '%s': its route cannot be made from the template '%s': %s"
                            .formatted(
                                    definition.file(),
                                    definition.line(),
                                    stream.id(),
                                    definition.template(),
                                    deepest(e).getMessage())));
        }
    }

    private boolean loadText(CamelContext context, String name, String text) {
        try {
            Resource resource = ResourceHelper.fromString(name, text);
            PluginHelper.getRoutesLoader(context).loadRoutes(resource);
            return true;
        } catch (Exception e) {
            report(new Problem(name, "", "%s: %s".formatted(name, deepest(e).getMessage())));
            return false;
        }
    }

    private void report(Problem problem) {
        LOG.error("{}", problem.message());
        streams.report(problem);
    }

    private List<VendorFile> read() {
        List<VendorFile> files = new ArrayList<>();
        for (Path file : listed(folder)) {
            String name = file.getFileName().toString();
            try {
                files.add(reader.read(name, Files.readString(file, StandardCharsets.UTF_8)));
            } catch (IOException e) {
                files.add(new VendorFile(
                        name, List.of(), List.of(new Problem(name, "", name + ": cannot be read: " + e)), ""));
            }
        }
        return files;
    }

    /** Returns shared routes and templates by name: those of the folder, and ours where it has none of that name. */
    private Map<String, String> builtIn() {
        Map<String, String> parts = new java.util.TreeMap<>();
        for (String name : BUILT_IN) {
            parts.put(name, resource(name));
        }
        for (String part : List.of("shared", "templates")) {
            for (Path file : listed(folder.resolve(part))) {
                try {
                    parts.put(part + "/" + file.getFileName(), Files.readString(file, StandardCharsets.UTF_8));
                } catch (IOException e) {
                    report(new Problem(file.toString(), "", file + ": cannot be read: " + e));
                }
            }
        }
        return parts;
    }

    private static String resource(String name) {
        try (InputStream in = StreamRoutes.class.getResourceAsStream("/caravan/routes/" + name)) {
            if (in == null) {
                throw new IllegalStateException("The application was built without " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the built-in " + name, e);
        }
    }

    private List<Path> listed(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.filter(file -> file.getFileName().toString().endsWith(ENDING) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            report(new Problem(directory.toString(), "", directory + ": cannot be listed: " + e));
            return List.of();
        }
    }

    private static Throwable deepest(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        return deepest;
    }
}
