package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.failure.PullException;
import dev.caravan.run.Streams;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Judges files that were edited, and changes nothing: by themselves, against the other files, and in a scratch context. */
final class EditCheck {
    private final CamelContext context;
    private final StreamRoutes routes;

    EditCheck(CamelContext context, StreamRoutes routes) {
        this.context = context;
        this.routes = routes;
    }

    /** Returns what is wrong with a vendor file, nothing if it can take the place of what is in use of it. */
    List<Problem> of(VendorFile next) {
        LoadedFile before = routes.loaded().get(next.file());
        List<Problem> problems = new ArrayList<>(next.problems());
        if (problems.isEmpty()) {
            problems.addAll(emptied(next, before));
        }
        if (problems.isEmpty()) {
            problems.addAll(againstOthers(next.file(), next));
        }
        if (problems.isEmpty()) {
            problems.addAll(tried(next.file(), next, before));
        }
        return problems;
    }

    /** Returns what is wrong with shared routes and templates, nothing if all files in use can do with them. */
    List<Problem> ofParts(Map<String, String> parts) {
        for (LoadedFile file : routes.loaded().values()) {
            List<Problem> problems = routes.scratch()
                    .orElseThrow()
                    .check(parts, file.file().file(), file.file().camel(), StreamRoutes.enabled(file.file()));
            if (!problems.isEmpty()) {
                return problems;
            }
        }
        return List.of();
    }

    private static List<Problem> emptied(VendorFile next, @Nullable LoadedFile before) {
        boolean empty = next.streams().isEmpty() && (next.camel().isEmpty() || LoadedFile.isSame(next.camel(), "[]"));
        boolean had = before != null && !before.file().streams().isEmpty();
        return empty && had
                ? List.of(new Problem(
                        next.file(),
                        "",
                        "%s:1: nothing is left of its streams; delete the file, or give streams 'enabled: false'"
                                .formatted(next.file())))
                : List.of();
    }

    /** Ids and connections that other files have, and parents that would be missing. */
    private List<Problem> againstOthers(String name, VendorFile next) {
        List<VendorFile> all = new ArrayList<>();
        routes.loaded().forEach((other, file) -> {
            if (!other.equals(name)) {
                all.add(new VendorFile(other, file.file().streams(), List.of(), ""));
            }
        });
        all.add(new VendorFile(name, next.streams(), List.of(), ""));
        List<Problem> problems = new ArrayList<>(VendorFileReader.withoutDuplicates(all).stream()
                .flatMap(file -> file.problems().stream())
                .toList());
        if (problems.isEmpty()) {
            problems.addAll(orphans(name, all));
        }
        return problems;
    }

    /** Returns the streams that would be left without their parent, or descend from themselves. */
    static List<Problem> orphans(String name, List<VendorFile> all) {
        Map<String, StreamDefinition> byId = new TreeMap<>();
        all.forEach(file -> StreamRoutes.enabled(file).forEach(stream -> byId.put(stream.id(), stream)));
        List<Problem> problems = new ArrayList<>();
        for (StreamDefinition stream : byId.values()) {
            Set<String> line = new HashSet<>(Set.of(stream.id()));
            StreamDefinition child = stream;
            while (Streams.parentName(child).isPresent()) {
                StreamDefinition parent = Streams.parentNames(child).stream()
                        .map(byId::get)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
                String what = parent == null
                        ? "is no stream that would be left, there would be: " + String.join(", ", byId.keySet())
                        : line.add(parent.id()) ? "" : "descends from this stream itself";
                if (!what.isEmpty()) {
                    problems.add(new Problem(
                            name,
                            stream.file().equals(name) ? stream.id() : "",
                            "%s:%d: stream '%s': partitions.stream '%s' %s"
                                    .formatted(
                                            stream.file(),
                                            stream.line(),
                                            stream.id(),
                                            Streams.parentName(child).orElse(""),
                                            what)));
                    break;
                }
                child = Objects.requireNonNull(parent);
            }
        }
        return problems;
    }

    private List<Problem> tried(String name, VendorFile next, @Nullable LoadedFile before) {
        List<Problem> problems = new ArrayList<>();
        for (StreamDefinition stream : StreamRoutes.enabled(next)) {
            try {
                routes.maker().check(stream);
            } catch (IllegalArgumentException | PullException e) {
                problems.add(StreamRoutes.wrong(stream, e));
            }
        }
        if (problems.isEmpty()) {
            problems.addAll(routes.scratch()
                    .orElseThrow()
                    .check(routes.parts(), name, next.camel(), StreamRoutes.enabled(next)));
        }
        if (problems.isEmpty() && !next.camel().isEmpty()) {
            problems.addAll(takenRoutes(name, next, before));
        }
        return problems;
    }

    /** Two files may not have routes of one id: the later one would take the other's place. */
    private List<Problem> takenRoutes(String name, VendorFile next, @Nullable LoadedFile before) {
        Set<String> own = before == null ? Set.of() : before.routes();
        Set<String> used = RouteLoading.routeIds(context);
        List<Problem> problems = new ArrayList<>();
        routes.scratch().orElseThrow().lines(name, next.camel()).forEach((id, lines) -> {
            if (!own.contains(id) && used.contains(id)) {
                problems.add(ScratchContext.duplicate(name, lines.get(0), id, owner(id)));
            }
        });
        return problems;
    }

    /** Returns where a route is defined that is in use. */
    private String owner(String id) {
        for (Map.Entry<String, LoadedFile> each : routes.loaded().entrySet()) {
            VendorFile file = each.getValue().file();
            for (StreamDefinition stream : file.streams()) {
                if (stream.id().equals(id)) {
                    return "%s:%d".formatted(each.getKey(), stream.line());
                }
            }
            if (each.getValue().routes().contains(id)) {
                List<Integer> lines = routes.scratch()
                        .orElseThrow()
                        .lines(each.getKey(), file.camel())
                        .getOrDefault(id, List.of());
                return lines.isEmpty() ? each.getKey() : "%s:%d".formatted(each.getKey(), lines.get(0));
            }
        }
        return "shared/";
    }
}
