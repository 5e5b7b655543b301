package dev.caravan.camel;

import dev.caravan.camel.RouteFolder.Stamp;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.run.By;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what is saved in {@code routes/} while the application runs.
 *
 * <p>Looks every second. A file that has not changed since the last look, but since it was applied, is read and tried: by our own
 * reader, against the other files, and in a scratch context. A bad one is reported and changes nothing. A good one changes the
 * streams that it changes and no others: their runs end at a page border, with a checkpoint, and when the last has, the routes
 * change and go on. Shared routes and templates change all streams.
 *
 * <p>All of it happens in one thread; what is shown of it may be asked for by any.
 */
public final class LiveRoutes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.routes");
    private static final By FILE = new By("file", "file");
    private static final String REASON = "its file was edited";

    private final CamelContext context;
    private final StreamRoutes routes;
    private final Streams streams;
    private final Steering steering;
    private final SteeredRoutes steered;
    private final Clock clock;
    private final EditCheck check;
    private final Map<String, Stamp> judged = new HashMap<>();
    private final Map<String, Edit> edits = new LinkedHashMap<>();
    private final Map<String, State> states = new TreeMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread watch = new Thread(task, "caravan-files");
        watch.setDaemon(true);
        return watch;
    });
    private Map<String, Stamp> seen = Map.of();

    private record State(String word, Instant since) {}

    /**
     * A good change that waits for runs to end.
     *
     * @param file what a vendor file says now, null if it is gone or this is a change of parts
     * @param text of the file
     * @param parts the shared routes and templates, null if this is a change of a vendor file
     * @param leaving streams that end for it, and the runs that they leave
     * @param restores whether the file turned bad meanwhile, and what ran before goes on
     */
    private record Edit(
            @Nullable VendorFile file,
            String text,
            @Nullable Map<String, String> parts,
            Map<LiveStream, List<RunRequest>> leaving,
            boolean restores) {
        boolean isReady() {
            return leaving.keySet().stream().noneMatch(LiveStream::isRunning);
        }
    }

    public LiveRoutes(
            CamelContext context,
            StreamRoutes routes,
            Streams streams,
            Steering steering,
            SteeredRoutes steered,
            Clock clock) {
        this.context = context;
        this.routes = routes;
        this.streams = streams;
        this.steering = steering;
        this.steered = steered;
        this.clock = clock;
        this.check = new EditCheck(context, routes);
    }

    /** Begins to look, every second. What was good at the start is kept as the last good copy. */
    public void begin() {
        take();
        var unused = thread.scheduleWithFixedDelay(this::lookSafely, 1, 1, TimeUnit.SECONDS);
    }

    /** Takes what is in use for what was judged last. */
    synchronized void take() {
        routes.loaded().forEach((name, file) -> {
            judged.put(name, file.stamp());
            boolean bad = streams.problems().stream()
                    .anyMatch(problem -> problem.file().equals(name));
            states.put(name, new State(file.isCopy() ? "copy" : bad ? "bad" : "good", clock.instant()));
            if (!bad) {
                routes.copies().ifPresent(copies -> copies.keep(name, file.text()));
            }
        });
        try {
            routes.folder().stamps().forEach((name, stamp) -> {
                if (RouteFolder.isPart(name)) {
                    judged.put(name, stamp);
                    boolean bad = streams.problems().stream()
                            .anyMatch(problem -> problem.file().equals(name));
                    states.put(name, new State(bad ? "bad" : "good", clock.instant()));
                    String text = routes.parts().get(name);
                    if (!bad && text != null) {
                        routes.copies().ifPresent(copies -> copies.keep(name, text));
                    }
                }
            });
        } catch (IOException e) {
            LOG.warn("The files of {} cannot be listed: {}", routes.folder().path(), e.toString());
        }
        seen = new HashMap<>(judged);
    }

    private void lookSafely() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "The files of {} could not be looked at: {}",
                    routes.folder().path(),
                    e.toString());
        }
    }

    /** Looks once. */
    synchronized void look() throws IOException {
        Map<String, Stamp> now = routes.folder().stamps();
        boolean parts = false;
        Set<String> names = new TreeSet<>(now.keySet());
        names.addAll(judged.keySet());
        for (String name : names) {
            Stamp stamp = now.get(name);
            // A file that is being written changes from look to look, and an editor may take it away for a moment.
            if (Objects.equals(stamp, judged.get(name)) || !Objects.equals(stamp, seen.get(name))) {
                continue;
            }
            note(name, stamp);
            if (RouteFolder.isPart(name)) {
                parts = true;
            } else if (stamp == null) {
                delete(name);
            } else {
                edit(name);
            }
        }
        seen = now;
        if (parts) {
            editParts(now.keySet());
        }
        apply();
    }

    private void note(String name, @Nullable Stamp stamp) {
        if (stamp == null) {
            judged.remove(name);
        } else {
            judged.put(name, stamp);
        }
    }

    private void edit(String name) {
        String text;
        try {
            text = routes.folder().read(name);
        } catch (IOException e) {
            bad(name, List.of(new Problem(name, "", name + ": cannot be read: " + e)));
            return;
        }
        VendorFile next = routes.reader().read(name, text);
        List<Problem> problems = check.of(next);
        if (problems.isEmpty()) {
            plan(name, next, text);
        } else {
            bad(name, problems);
        }
    }

    private void delete(String name) {
        List<VendorFile> rest = routes.loaded().values().stream()
                .map(LoadedFile::file)
                .filter(file -> !file.file().equals(name))
                .toList();
        List<Problem> problems = EditCheck.orphans(name, rest);
        if (!problems.isEmpty()) {
            bad(name, problems);
        } else if (routes.loaded().containsKey(name)) {
            plan(name, null, "");
        } else {
            streams.forgetProblems(name);
            states.remove(name);
            edits.remove(name);
        }
    }

    private void plan(String name, @Nullable VendorFile next, String text) {
        LoadedFile before = routes.loaded().get(name);
        Edit waiting = edits.remove(name);
        Map<LiveStream, List<RunRequest>> leaving =
                waiting == null ? new LinkedHashMap<>() : new LinkedHashMap<>(waiting.leaving());
        for (LiveStream stream : of(before)) {
            if (!leaving.containsKey(stream) && !stays(stream, next, before)) {
                leaving.put(stream, stream.retire(REASON));
            }
        }
        edits.put(name, new Edit(next, text, null, leaving, false));
        states.put(name, new State("changing", clock.instant()));
    }

    private List<LiveStream> of(@Nullable LoadedFile file) {
        return file == null
                ? List.of()
                : file.file().streams().stream()
                        .flatMap(stream -> streams.find(stream.id()).stream())
                        .filter(stream ->
                                stream.definition().file().equals(file.file().file()))
                        .toList();
    }

    private static boolean stays(LiveStream stream, @Nullable VendorFile next, @Nullable LoadedFile before) {
        if (next == null || before == null) {
            return false;
        }
        boolean ofTheFile = stream.definition().template().isEmpty()
                || stream.definition().stream().each() != null;
        if (ofTheFile && !LoadedFile.isSame(before.file().camel(), next.camel())) {
            return false;
        }
        return StreamRoutes.enabled(next).stream().anyMatch(each -> each.pullsAs(stream.definition()));
    }

    private void editParts(Set<String> names) {
        Map<String, String> next;
        try {
            next = routes.partsOf(names);
        } catch (IOException e) {
            bad("templates/", List.of(new Problem("templates/", "", "The shared files cannot be read: " + e)));
            return;
        }
        Set<String> changed = new TreeSet<>(next.keySet());
        changed.addAll(routes.parts().keySet());
        changed.removeIf(name -> Objects.equals(next.get(name), routes.parts().get(name)));
        List<Problem> problems = check.ofParts(next);
        for (String name : changed) {
            if (problems.isEmpty()) {
                streams.forgetProblems(name);
            } else {
                // It is the shared file that is wrong, whichever vendor's file shows it.
                bad(
                        name,
                        problems.stream()
                                .map(problem -> problem.file().equals(name)
                                        ? problem
                                        : new Problem(name, "", name + ": with it: " + problem.message()))
                                .toList());
            }
        }
        if (problems.isEmpty() && !changed.isEmpty()) {
            Map<LiveStream, List<RunRequest>> leaving = new LinkedHashMap<>();
            edits.values().forEach(edit -> leaving.putAll(edit.leaving()));
            for (LiveStream stream : streams.all()) {
                if (!leaving.containsKey(stream)) {
                    leaving.put(stream, stream.retire("its template was edited"));
                }
            }
            changed.forEach(name -> states.put(name, new State("changing", clock.instant())));
            edits.put("", new Edit(null, "", next, leaving, false));
        }
    }

    /** Reports a file that cannot be used; what was in use before stays. */
    private void bad(String name, List<Problem> problems) {
        streams.forgetProblems(name);
        problems.forEach(routes::report);
        LoadedFile before = routes.loaded().get(name);
        states.put(name, new State(before != null && before.isCopy() ? "copy" : "bad", clock.instant()));
        Edit waiting = edits.remove(name);
        if (waiting != null) {
            // Its streams have let go already; they go on as they were.
            edits.put(
                    name,
                    new Edit(
                            before == null ? null : before.file(),
                            before == null ? "" : before.text(),
                            null,
                            waiting.leaving(),
                            true));
        }
    }

    private void apply() {
        Edit parts = edits.get("");
        if (parts != null) {
            if (parts.isReady()) {
                edits.remove("");
                changeParts(parts);
            }
            return;
        }
        boolean any = false;
        for (String name : edits.keySet().toArray(String[]::new)) {
            Edit edit = edits.get(name);
            if (edit != null && edit.isReady()) {
                edits.remove(name);
                steered.quietly(() -> change(name, edit));
                any = true;
            }
        }
        if (any) {
            // What was bad because of another file may be good now.
            states.forEach((name, state) -> {
                if (state.word().equals("bad") || state.word().equals("copy")) {
                    judged.remove(name);
                }
            });
        }
    }

    private void change(String name, Edit edit) {
        LoadedFile before = routes.loaded().get(name);
        VendorFile next = edit.file();
        Set<String> there = RouteLoading.routeIds(context);
        try {
            replace(name, next, edit, before);
        } catch (Exception e) {
            bad(name, List.of(Mistakes.of(name, "", e)));
            goBack(name, before, edit, there);
            return;
        }
        if (edit.restores()) {
            return;
        }
        streams.forgetProblems(name);
        if (next == null) {
            routes.loaded().remove(name);
            states.remove(name);
            routes.copies().ifPresent(copies -> copies.forget(name));
        } else {
            states.put(name, new State("good", clock.instant()));
            routes.copies().ifPresent(copies -> copies.keep(name, edit.text()));
        }
        if (before == null || before.isCopy() || !before.text().equals(edit.text())) {
            tell(name, before, next, edit);
        }
    }

    private void tell(String name, @Nullable LoadedFile before, @Nullable VendorFile next, Edit edit) {
        Set<String> left = new LinkedHashSet<>();
        edit.leaving().keySet().forEach(stream -> left.add(stream.id()));
        String now = next == null
                ? "deleted"
                : StreamRoutes.enabled(next).size() + " streams"
                        + (left.isEmpty() ? "" : ", changed: " + String.join(", ", left));
        String was = before == null ? "new" : before.file().streams().size() + " streams";
        LOG.info("{} was applied: {}", name, now);
        steering.tell(FILE, "edit", name, was, now);
    }

    private void replace(String name, @Nullable VendorFile next, Edit edit, @Nullable LoadedFile before)
            throws Exception {
        String was = before == null ? "" : before.file().camel();
        String camel = next == null ? "" : next.camel();
        boolean sameText = LoadedFile.isSame(was, camel);
        for (LiveStream stream : edit.leaving().keySet()) {
            RouteLoading.remove(context, stream.id());
        }
        if (before != null && !sameText) {
            for (String id : before.routes()) {
                RouteLoading.remove(context, id);
            }
        }
        edit.leaving().keySet().stream()
                .map(stream -> stream.connection().name())
                .distinct()
                .forEach(connection -> RouteLoading.forgetClients(context, connection));
        List<StreamDefinition> made = makeStreams(next, edit.leaving());
        Set<String> own = before == null ? Set.of() : before.routes();
        if (!sameText) {
            Set<String> others = RouteLoading.routeIds(context);
            if (!camel.isEmpty()) {
                RouteLoading.loadText(context, name, camel);
            }
            own = RouteLoading.routeIds(context);
            own.removeAll(others);
        }
        for (StreamDefinition stream : made) {
            routes.add(context, stream);
            steered.follow(stream.id());
        }
        if (next != null) {
            Stamp stamp = judged.getOrDefault(name, new Stamp(0, 0));
            routes.loaded().put(name, new LoadedFile(next, edit.text(), stamp, own, false));
        }
    }

    /** Makes the streams that are new or changed, in the place of those that have left. */
    private List<StreamDefinition> makeStreams(@Nullable VendorFile next, Map<LiveStream, List<RunRequest>> leaving) {
        Map<String, LiveStream> left = new HashMap<>();
        leaving.keySet().forEach(stream -> left.put(stream.id(), stream));
        List<StreamDefinition> made = new ArrayList<>();
        for (StreamDefinition definition : next == null ? List.<StreamDefinition>of() : StreamRoutes.enabled(next)) {
            LiveStream there = streams.find(definition.id()).orElse(null);
            LiveStream before = left.remove(definition.id());
            if (there != null && before == null) {
                there.movedTo(definition.line());
                continue;
            }
            LiveStream stream = routes.maker().make(definition, before);
            streams.add(stream);
            if (before != null) {
                stream.succeed(before, leaving.getOrDefault(before, List.of()));
            }
            made.add(definition);
        }
        left.values().forEach(gone -> {
            streams.remove(gone);
            gone.vanish(leaving.getOrDefault(gone, List.of()));
        });
        return made;
    }

    /**
     * What was good in a scratch context and is not in the real one: what ran before runs again.
     *
     * @param there the routes there were before, of all files
     */
    private void goBack(String name, @Nullable LoadedFile before, Edit edit, Set<String> there) {
        try {
            Map<LiveStream, List<RunRequest>> all = new LinkedHashMap<>();
            for (LiveStream stream : streams.all()) {
                if (stream.definition().file().equals(name)) {
                    all.put(stream, stream.retire(REASON));
                }
            }
            edit.leaving().forEach((stream, left) -> {
                if (streams.find(stream.id()).isEmpty()) {
                    all.put(stream, List.of());
                }
            });
            for (String id : RouteLoading.routeIds(context)) {
                boolean isNew = !there.contains(id) && streams.find(id).isEmpty();
                if (isNew || (before != null && before.routes().contains(id))) {
                    RouteLoading.remove(context, id);
                }
            }
            LoadedFile nothing = before == null
                    ? null
                    : new LoadedFile(
                            new VendorFile(name, before.file().streams(), List.of(), ""),
                            before.text(),
                            before.stamp(),
                            Set.of(),
                            before.isCopy());
            replace(
                    name,
                    before == null ? null : before.file(),
                    new Edit(null, before == null ? "" : before.text(), null, all, true),
                    nothing);
        } catch (Exception e) {
            LOG.error("{}: what ran before could not be brought back: {}", name, e.toString());
        }
    }

    private void changeParts(Edit edit) {
        Map<String, String> before = routes.parts();
        Map<String, String> next = Objects.requireNonNull(edit.parts());
        Set<String> changed = new TreeSet<>(next.keySet());
        changed.addAll(before.keySet());
        changed.removeIf(name -> Objects.equals(next.get(name), before.get(name)));
        steered.quietly(() -> {
            try {
                exchange(before, next, edit);
                changed.forEach(name -> {
                    streams.forgetProblems(name);
                    String text = next.get(name);
                    if (text == null || !judged.containsKey(name)) {
                        states.remove(name);
                        routes.copies().ifPresent(copies -> copies.forget(name));
                    } else {
                        states.put(name, new State("good", clock.instant()));
                        routes.copies().ifPresent(copies -> copies.keep(name, text));
                    }
                    LOG.info("{} was applied to all streams", name);
                    steering.tell(FILE, "edit", name, "", edit.leaving().size() + " streams changed");
                });
            } catch (Exception e) {
                changed.forEach(name -> bad(name, List.of(Mistakes.of(name, "", e))));
                goBack(next, before);
            }
        });
    }

    private void exchange(Map<String, String> before, Map<String, String> next, Edit edit) throws Exception {
        for (LiveStream stream : edit.leaving().keySet()) {
            RouteLoading.remove(context, stream.id());
        }
        loadParts(before, next);
        Map<LiveStream, List<RunRequest>> left = edit.leaving();
        for (LoadedFile file : routes.loaded().values()) {
            Map<LiveStream, List<RunRequest>> mine = new LinkedHashMap<>();
            left.forEach((stream, requests) -> {
                if (stream.definition().file().equals(file.file().file())) {
                    mine.put(stream, requests);
                }
            });
            for (StreamDefinition stream : makeStreams(file.file(), mine)) {
                routes.add(context, stream);
                steered.follow(stream.id());
            }
        }
    }

    private void loadParts(Map<String, String> before, Map<String, String> next) throws Exception {
        Set<String> shared = routes.scratch().orElseThrow().routeIds(before);
        for (String id : shared) {
            RouteLoading.remove(context, id);
        }
        RouteLoading.removeParts(context);
        for (Map.Entry<String, String> part : next.entrySet()) {
            RouteLoading.loadText(context, part.getKey(), part.getValue());
        }
        routes.use(next);
    }

    private void goBack(Map<String, String> failed, Map<String, String> before) {
        try {
            Map<LiveStream, List<RunRequest>> all = new LinkedHashMap<>();
            streams.all().forEach(stream -> all.put(stream, stream.retire(REASON)));
            exchange(failed, before, new Edit(null, "", before, all, true));
        } catch (Exception e) {
            LOG.error(
                    "The shared routes and templates that were used before could not be brought back: {}",
                    e.toString());
        }
    }

    /** Returns the files, and what is wrong with them. */
    public synchronized List<FileView> files() {
        List<FileView> views = new ArrayList<>();
        states.forEach((name, state) -> views.add(new FileView(
                name,
                state.word(),
                state.since(),
                of(routes.loaded().get(name)).stream().map(LiveStream::id).toList(),
                streams.problems().stream()
                        .filter(problem -> problem.file().equals(name))
                        .map(problem -> new FileView.Mistake(
                                problem.stream(), Mistakes.line(problem).orElse(null), problem.message()))
                        .toList())));
        return views;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
