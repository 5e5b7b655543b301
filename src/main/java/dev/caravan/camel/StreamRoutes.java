package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.failure.PullException;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes routes of the files in {@code routes/}. A file, or a stream, that cannot be used is reported with place and remedy
 * and left out; everything else runs.
 */
public final class StreamRoutes {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.routes");
    private static final String TEMPLATE = "templates/stream" + RouteFolder.ENDING;

    private final RouteFolder folder;
    private final VendorFileReader reader;
    private final StreamMaker maker;
    private final Streams streams;
    private final HttpTransport transport;
    private final Map<String, LoadedFile> loaded = new TreeMap<>();
    private Map<String, String> parts = Map.of();
    private @Nullable ScratchContext scratch;
    private @Nullable GoodCopies copies;

    /**
     * @param folder of vendor files, with {@code shared/} and {@code templates/}; without these two, the built-in ones serve
     */
    public StreamRoutes(
            Path folder, VendorFileReader reader, StreamMaker maker, Streams streams, HttpTransport transport) {
        this.folder = new RouteFolder(folder);
        this.reader = reader;
        this.maker = maker;
        this.streams = streams;
        this.transport = transport;
    }

    /** Lets files be tried in a scratch context before they are used: one that cannot be initialised would stop the others. */
    public StreamRoutes trying(CamelContext context) {
        scratch = new ScratchContext(context);
        return this;
    }

    /** Lets the last good copy of a file serve that is bad, and keeps copies there. */
    public StreamRoutes withCopies(Path where) {
        copies = new GoodCopies(where);
        return this;
    }

    RouteFolder folder() {
        return folder;
    }

    VendorFileReader reader() {
        return reader;
    }

    StreamMaker maker() {
        return maker;
    }

    Optional<GoodCopies> copies() {
        return Optional.ofNullable(copies);
    }

    /** Returns what is in use of each vendor file, by name. */
    Map<String, LoadedFile> loaded() {
        return loaded;
    }

    /** Returns the shared routes and templates in use, by name. */
    Map<String, String> parts() {
        return parts;
    }

    void use(Map<String, String> newParts) {
        parts = Map.copyOf(newParts);
    }

    /** Reads all vendor files and makes their streams known, without any route. */
    public List<VendorFile> define() {
        parts = usableParts();
        List<VendorFile> files = VendorFileReader.withoutDuplicates(read());
        for (VendorFile file : files) {
            file.problems().forEach(this::report);
            for (StreamDefinition definition : enabled(file)) {
                define(definition);
            }
        }
        streams.withoutLost().forEach(this::report);
        return files;
    }

    static List<StreamDefinition> enabled(VendorFile file) {
        return file.streams().stream()
                .filter(definition -> definition.stream().enabled())
                .toList();
    }

    /**
     * Makes the routes of the streams that {@code wanted} accepts, in a context that has not started.
     *
     * @param files what {@link #define} returned
     */
    public void load(CamelContext context, List<VendorFile> files, Predicate<LiveStream> wanted) {
        ShapedRoutes.of(context);
        parts.forEach((name, text) -> loadText(context, name, text));
        for (VendorFile file : files) {
            List<LiveStream> chosen = file.streams().stream()
                    .map(StreamDefinition::id)
                    .flatMap(id -> streams.find(id).stream())
                    .filter(stream -> stream.definition().file().equals(file.file()))
                    .filter(wanted)
                    .toList();
            if (chosen.isEmpty() && !file.streams().isEmpty()) {
                continue;
            }
            Set<String> before = RouteLoading.routeIds(context);
            if (!file.camel().isEmpty() && !loadText(context, file.file(), file.camel())) {
                chosen.forEach(streams::remove);
                continue;
            }
            Set<String> own = RouteLoading.routeIds(context);
            own.removeAll(before);
            chosen.forEach(stream -> install(context, stream.definition()));
            loaded.computeIfPresent(file.file(), (name, known) -> known.using(file, own));
        }
    }

    private void install(CamelContext context, StreamDefinition stream) {
        try {
            RouteLoading.bind(context, stream, transport);
            RouteLoading.instantiate(context, stream);
        } catch (RuntimeException e) {
            streams.find(stream.id()).ifPresent(streams::remove);
            report(RouteLoading.notMade(stream, e));
        }
    }

    /** Makes the route of a stream in a context that runs. */
    void add(CamelContext context, StreamDefinition stream) {
        RouteLoading.bind(context, stream, transport);
        RouteLoading.instantiate(context, stream);
    }

    /** Returns the expanded plain route of a stream, as YAML that this loader reads. */
    public String eject(LiveStream stream) {
        StreamDefinition definition = stream.definition();
        List<String> others = streams.all().stream()
                .map(LiveStream::definition)
                .filter(each -> each.vendor().equals(definition.vendor())
                        && each.name().equals(definition.name())
                        && !each.id().equals(definition.id()))
                .map(StreamDefinition::connection)
                .toList();
        return Ejection.of(definition, parts.values(), Instantiation.parameters(definition), others);
    }

    private void define(StreamDefinition definition) {
        try {
            streams.add(maker.make(definition, null));
        } catch (IllegalArgumentException | PullException e) {
            report(wrong(definition, e));
        }
    }

    static Problem wrong(StreamDefinition definition, Exception e) {
        return new Problem(
                definition.file(),
                definition.id(),
                "%s:%d: stream '%s': %s"
                        .formatted(definition.file(), definition.line(), definition.id(), e.getMessage()));
    }

    private boolean loadText(CamelContext context, String name, String text) {
        try {
            RouteLoading.loadText(context, name, text);
            return true;
        } catch (Exception e) {
            report(Mistakes.of(name, "", e));
            return false;
        }
    }

    void report(Problem problem) {
        LOG.error("{}", problem.message());
        streams.report(problem);
    }

    private List<VendorFile> read() {
        List<VendorFile> files = new ArrayList<>();
        for (Map.Entry<String, RouteFolder.Stamp> each : stamps().entrySet()) {
            if (!RouteFolder.isPart(each.getKey())) {
                files.add(read(each.getKey(), each.getValue()));
            }
        }
        return files;
    }

    private Map<String, RouteFolder.Stamp> stamps() {
        try {
            return folder.stamps();
        } catch (IOException e) {
            String name = String.valueOf(folder.path().getFileName());
            report(new Problem(name, "", folder.path() + ": cannot be listed: " + e));
            return Map.of();
        }
    }

    /** Returns what is to be used of a file: what is in it, else its last good copy, else what of it is good. */
    private VendorFile read(String name, RouteFolder.Stamp stamp) {
        String text;
        VendorFile read;
        try {
            text = folder.read(name);
            read = tried(reader.read(name, text));
        } catch (IOException e) {
            text = "";
            read = new VendorFile(name, List.of(), List.of(new Problem(name, "", name + ": cannot be read: " + e)), "");
        }
        if (read.problems().isEmpty()) {
            loaded.put(name, new LoadedFile(read, text, stamp, Set.of(), false));
            return read;
        }
        Optional<String> copy = copies().flatMap(kept -> kept.of(name));
        if (copy.isPresent()) {
            VendorFile good = tried(reader.read(name, copy.get()));
            if (good.problems().isEmpty()) {
                LOG.warn("{} is bad; its last good copy is used until it is mended", name);
                read.problems().forEach(this::report);
                loaded.put(name, new LoadedFile(good, copy.get(), stamp, Set.of(), true));
                return good;
            }
        }
        loaded.put(name, new LoadedFile(read, text, stamp, Set.of(), false));
        return read;
    }

    /** Tries what the real context would only say when it starts, and leaves out what cannot be initialised. */
    private VendorFile tried(VendorFile read) {
        ScratchContext context = scratch;
        List<StreamDefinition> left = new ArrayList<>(read.streams());
        List<Problem> problems = new ArrayList<>(read.problems());
        if (context == null || !isWorthTrying(read)) {
            return read;
        }
        while (true) {
            List<StreamDefinition> enabled =
                    left.stream().filter(each -> each.stream().enabled()).toList();
            List<Problem> found = context.check(parts, read.file(), read.camel(), enabled);
            problems.addAll(found);
            if (found.isEmpty()) {
                return new VendorFile(read.file(), left, problems, read.camel());
            }
            List<String> bad = found.stream().map(Problem::stream).toList();
            if (!left.removeIf(each -> bad.contains(each.id()))) {
                return new VendorFile(read.file(), List.of(), problems, "");
            }
        }
    }

    /** Streams of the template alone are alike: what goes wrong with one goes wrong with the template. */
    private static boolean isWorthTrying(VendorFile file) {
        return !file.camel().isEmpty()
                || file.streams().stream()
                        .anyMatch(each ->
                                !each.parameters().isEmpty() || each.stream().each() != null);
    }

    /** Returns shared routes and templates by name: those of the folder, and ours where it has none of that name. */
    Map<String, String> partsOf(Collection<String> names) throws IOException {
        Map<String, String> found = RouteFolder.builtIn();
        for (String name : names) {
            if (RouteFolder.isPart(name)) {
                found.put(name, folder.read(name));
            }
        }
        return found;
    }

    private Map<String, String> usableParts() {
        Map<String, String> found = RouteFolder.builtIn();
        for (String name : stamps().keySet()) {
            if (RouteFolder.isPart(name)) {
                try {
                    found.put(name, folder.read(name));
                } catch (IOException e) {
                    report(new Problem(name, "", name + ": cannot be read: " + e));
                }
            }
        }
        ScratchContext context = scratch;
        if (context == null || found.equals(RouteFolder.builtIn())) {
            return found;
        }
        List<Problem> problems = context.check(found, TEMPLATE, "", List.of());
        if (problems.isEmpty()) {
            return found;
        }
        problems.forEach(this::report);
        Map<String, String> usable = RouteFolder.builtIn();
        found.forEach((name, text) -> {
            boolean bad = problems.stream().anyMatch(problem -> problem.file().equals(name));
            Optional<String> copy = bad ? copies().flatMap(kept -> kept.of(name)) : Optional.of(text);
            copy.ifPresent(good -> usable.put(name, good));
        });
        return usable;
    }

    Optional<ScratchContext> scratch() {
        return Optional.ofNullable(scratch);
    }
}
