package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * GitHub's lists: numbered pages under a Link header whose addresses go by numeric id, entity tags, hourly limits.
 *
 * <p>Any organisation and any repository exists; the file names those that an organisation lists, and the odd ones
 * among them (empty, private, renamed).
 */
final class GitHubApi implements Imitation {
    private static final int MOST = 100;
    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2099-12-31T23:59:59Z");

    private final VendorFile file;
    private final GitHubRepositories repositories;
    private final GitHubLimits limits;

    GitHubApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.repositories = new GitHubRepositories(file);
        this.limits = new GitHubLimits(file.part("limits"), options);
    }

    /** What a request is about, once its address is understood. */
    private record Target(String owner, String repository, String list) {}

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        limits.clear();
    }

    @Override
    public String stream(String path) {
        List<String> segments = Ask.segments(path);
        String last = segments.isEmpty() ? "" : segments.get(segments.size() - 1);
        return last.equals("repos") ? "repositories" : file.hasTable(last) ? last : "";
    }

    @Override
    public Scope scope(String name) {
        int slash = name.indexOf('/');
        return slash < 0
                ? repositories.organisation(name)
                : repositories.scope(name.substring(0, slash), name.substring(slash + 1));
    }

    @Override
    public List<String> scopes(String stream) {
        return file.scopes(stream);
    }

    @Override
    public List<Kept> kept(String stream) {
        return stream.equals("repositories")
                ? scopes(stream).stream()
                        .flatMap(owner -> repositories.kept(owner).stream())
                        .toList()
                : Imitation.super.kept(stream);
    }

    @Override
    public Answer answer(Ask ask) {
        if (ask.header("User-Agent").isEmpty()) {
            return file.refuse(new Refusal("no_user_agent"));
        }
        Optional<String> token =
                ask.header("Authorization").map(header -> ask.credential().orElse(""));
        if (token.isPresent()
                && !token.get().equals(file.credential())
                && !token.get().equals(Lacking.credential(file))) {
            return file.refuse(new Refusal("bad_credentials"));
        }
        return limits.spend(token.isPresent(), file, () -> tagged(ask, Imitation.super.answer(ask)));
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.method().equals("GET")) {
            throw new Refusal("not_found");
        }
        Target target = target(ask.segments());
        return target.list().equals("repositories") ? listRepositories(ask, target) : repository(ask, target);
    }

    private Target target(List<String> segments) {
        String first = segments.isEmpty() ? "" : segments.get(0);
        int size = segments.size();
        if (first.equals("orgs") && size == 3 && segments.get(2).equals("repos")) {
            return new Target(segments.get(1), "", "repositories");
        }
        if (first.equals("organizations") && size == 3 && segments.get(2).equals("repos")) {
            return new Target(repositories.named(segments.get(1)), "", "repositories");
        }
        if (first.equals("repos") && (size == 3 || size == 4)) {
            return new Target(segments.get(1), segments.get(2), size == 3 ? "" : segments.get(3));
        }
        if (first.equals("repositories") && (size == 2 || size == 3)) {
            String name = repositories.named(segments.get(1));
            int slash = name.indexOf('/');
            if (slash > 0) {
                return new Target(
                        name.substring(0, slash), name.substring(slash + 1), size == 2 ? "" : segments.get(2));
            }
        }
        throw new Refusal("not_found");
    }

    private Answer listRepositories(Ask ask, Target target) {
        List<Row> sorted = repositories.sorted(target.owner(), ask.query());
        long id = repositories.remember(target.owner());
        GitHubPages pages = GitHubPages.of(ask.query(), sorted.size());
        List<Row> page = sorted.subList((int) pages.from(), (int) pages.to());
        return pages.linked(records("repositories", page), ask, "/organizations/" + id + "/repos");
    }

    private Answer repository(Ask ask, Target target) {
        JsonNode oddity = repositories.oddity(target.repository());
        Scope scope = repositories.scope(target.owner(), target.repository());
        if (oddity.path("private").asBoolean()) {
            throw new Refusal("not_found");
        }
        if (oddity.has("renamed")) {
            return moved(ask, target, oddity.path("renamed").asText());
        }
        String path = "/repositories/" + scope.value("id");
        return switch (target.list()) {
            case "" -> Answer.json(200, repositories.one(scope));
            case "issues" -> issues(ask, scope, path + "/issues");
            case "commits" -> {
                if (oddity.path("empty").asBoolean()) {
                    throw new Refusal("empty_repository");
                }
                yield commits(ask, scope, path + "/commits");
            }
            default -> throw new Refusal("not_found");
        };
    }

    private Answer moved(Ask ask, Target target, String newName) {
        Object id = repositories.scope(target.owner(), newName).value("id");
        String query = ask.query().encoded();
        String list = target.list().isEmpty() ? "" : "/" + target.list();
        String location = ask.origin() + "/repositories/" + id + list + (query.isEmpty() ? "" : "?" + query);
        return file.refuse(new Refusal("moved", Map.of("location", location))).with("Location", location);
    }

    private Answer issues(Ask ask, Scope scope, String path) {
        Query query = ask.query();
        String sort = choice(query, "Issue", "sort", List.of("created", "updated"));
        boolean backwards =
                choice(query, "Issue", "direction", List.of("desc", "asc")).equals("desc");
        String state = choice(query, "Issue", "state", List.of("open", "closed", "all"));
        Optional<Instant> since = instant(query, "Issue", "since");
        Rows rows = file.list("issues", scope);
        if (sort.equals("updated") && state.equals("all")) {
            long from = since.isEmpty() ? 0 : rows.firstAtOrAfter(since.get().getEpochSecond());
            return numbered(ask, "issues", path, new Run(from, rows.size(), backwards, rows::at));
        }
        Predicate<Row> updated =
                row -> since.isEmpty() || row.time() >= since.get().getEpochSecond();
        Value stateOf = file.text("issues", "state");
        Predicate<Row> wanted = updated.and(row -> state.equals("all") || state.equals(text(stateOf, row)));
        LongFunction<Row> order = sort.equals("updated") ? rows::at : rows::row;
        if (state.equals("all") && since.isEmpty()) {
            return numbered(ask, "issues", path, new Run(0, rows.size(), backwards, order));
        }
        long[] matching = LongStream.range(0, rows.size())
                .filter(place -> wanted.test(order.apply(place)))
                .toArray();
        LongFunction<Row> filtered = place -> order.apply(matching[(int) place]);
        return numbered(ask, "issues", path, new Run(0, matching.length, backwards, filtered));
    }

    private Answer commits(Ask ask, Scope scope, String path) {
        Rows rows = file.list("commits", scope);
        Optional<Instant> since = instant(ask.query(), "Commit", "since");
        Optional<Instant> until = instant(ask.query(), "Commit", "until");
        long from = since.isEmpty() ? 0 : rows.firstAtOrAfter(since.get().getEpochSecond());
        long to =
                until.isEmpty() ? rows.size() : rows.firstAtOrAfter(until.get().getEpochSecond() + 1);
        return numbered(ask, "commits", path, new Run(from, Math.max(from, to), true, rows::at));
    }

    /** The places {@code [from, to)} of an order of rows, walked from either end. */
    private record Run(long from, long to, boolean backwards, LongFunction<Row> order) {
        Row at(long place) {
            return order.apply(backwards ? to - 1 - place : from + place);
        }
    }

    private Answer numbered(Ask ask, String table, String path, Run run) {
        GitHubPages pages = GitHubPages.of(ask.query(), run.to() - run.from());
        List<Row> page = new ArrayList<>(MOST);
        for (long place = pages.from(); place < pages.to(); place++) {
            page.add(run.at(place));
        }
        return pages.linked(records(table, page), ask, path);
    }

    private JsonBuffer records(String table, List<Row> rows) {
        Value record = file.record(table);
        JsonBuffer out = new JsonBuffer(256 + rows.size() * 2048).raw('[');
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            record.write(rows.get(i), out);
        }
        return out.raw(']');
    }

    private static Answer tagged(Ask ask, Answer answer) {
        if (answer.status() != 200) {
            return answer;
        }
        CRC32 one = new CRC32();
        CRC32C other = new CRC32C();
        answer.body().update(one);
        answer.body().update(other);
        String tag = "\"%08x%08x%x\""
                .formatted(one.getValue(), other.getValue(), answer.body().size());
        Map<String, String> headers = new LinkedHashMap<>(answer.headers());
        headers.put("ETag", "W/" + tag);
        boolean known = ask.header("If-None-Match")
                .filter(sent -> sent.equals("*") || sent.contains(tag))
                .isPresent();
        return known ? new Answer(304, headers, new JsonBuffer(0)) : new Answer(200, headers, answer.body());
    }

    private static String text(Value value, Row row) {
        JsonBuffer out = new JsonBuffer(16);
        value.write(row, out);
        return out.toString();
    }

    /** One of the choices; the first of them where nothing is sent. */
    static String choice(Query query, String resource, String name, List<String> choices) {
        String chosen = query.first(name).orElse(choices.get(0));
        if (!choices.contains(chosen)) {
            throw new Refusal("validation_failed", Map.of("resource", resource, "field", name));
        }
        return chosen;
    }

    private static Optional<Instant> instant(Query query, String resource, String name) {
        Optional<String> sent = query.first(name);
        if (sent.isEmpty()) {
            return Optional.empty();
        }
        try {
            Instant instant = OffsetDateTime.parse(sent.get()).toInstant();
            if (!instant.isBefore(EARLIEST) && !instant.isAfter(LATEST)) {
                return Optional.of(instant);
            }
        } catch (DateTimeException e) {
            throw new Refusal("validation_failed", Map.of("resource", resource, "field", name));
        }
        throw new Refusal("validation_failed", Map.of("resource", resource, "field", name));
    }
}
