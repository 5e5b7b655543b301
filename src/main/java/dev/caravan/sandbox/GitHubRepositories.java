package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The repositories of every organisation, and the numeric ids that stand for them in addresses. */
final class GitHubRepositories {
    private static final int MOST_REMEMBERED = 10_000;
    private static final long UNLISTED = 1_000_000_000;
    private static final long OWNER = 9_000_000_000L;

    private final VendorFile file;
    private final List<JsonNode> listed = new ArrayList<>();
    private final Map<String, JsonNode> byName = new HashMap<>();
    private final Map<String, String> nameById = new ConcurrentHashMap<>();

    GitHubRepositories(VendorFile file) {
        this.file = file;
        for (JsonNode repository : file.part("repositories")) {
            byName.put(repository.path("name").asText(), repository);
            if (!repository.has("private") && !repository.has("renamed")) {
                listed.add(repository);
            }
        }
    }

    /** What the file says of a repository; missing where it is an ordinary one. */
    JsonNode oddity(String name) {
        return byName.getOrDefault(name, MissingNode.getInstance());
    }

    Scope organisation(String organisation) {
        return new Scope(lower(organisation), 1, listed.size(), Map.of("owner", organisation));
    }

    Scope scope(String owner, String name) {
        JsonNode known = oddity(name);
        String full = owner + "/" + name;
        Map<String, Object> values = new HashMap<>();
        values.put("owner", owner);
        values.put("owner_id", id(owner, OWNER));
        values.put("repository", name);
        values.put("full_name", full);
        values.put("id", id(owner, place(known, name)));
        values.put("language", known.path("language").asText("Java"));
        values.put("archived", known.path("archived").asBoolean());
        remember(full);
        return new Scope(
                lower(full), known.path("share").asDouble(1), known.path("rows").asLong(-1), values);
    }

    /** The owner, or the owner and repository, that a numeric id stands for. */
    String named(String id) {
        String name = nameById.get(id);
        if (name == null) {
            throw new Refusal("not_found");
        }
        return name;
    }

    /** Keeps the id of an owner, or of an owner and repository, so that a link with it is understood. */
    long remember(String name) {
        int slash = name.indexOf('/');
        String repository = name.substring(slash + 1);
        long id = slash < 0 ? id(name, OWNER) : id(name.substring(0, slash), place(oddity(repository), repository));
        if (nameById.size() < MOST_REMEMBERED) {
            nameById.put(Long.toString(id), name);
        }
        return id;
    }

    /** An organisation's repositories in the order asked for, each a row of the scope of its own. */
    List<Row> sorted(String organisation, Query query) {
        String sort =
                GitHubApi.choice(query, "Repository", "sort", List.of("created", "updated", "pushed", "full_name"));
        List<String> directions = sort.equals("full_name") ? List.of("asc", "desc") : List.of("desc", "asc");
        String direction = GitHubApi.choice(query, "Repository", "direction", directions);
        Rows rows = file.list("repositories", organisation(organisation));
        List<Row> sorted = new ArrayList<>();
        for (long index = 0; index < rows.computed(); index++) {
            Row row = rows.row(index);
            sorted.add(row.in(
                    scope(organisation, listed.get((int) index).path("name").asText())));
        }
        sorted.sort(order(sort));
        if (direction.equals("desc")) {
            Collections.reverse(sorted);
        }
        return sorted;
    }

    /** An organisation's repositories in the order of their last change. */
    List<Kept> kept(String organisation) {
        List<Row> rows = sorted(organisation, Query.parse("sort=updated&direction=asc"));
        return rows.stream()
                .map(row -> {
                    JsonBuffer record = new JsonBuffer(4096);
                    file.record("repositories").write(row, record);
                    return new Kept(organisation, String.valueOf(row.scope().value("id")), record);
                })
                .toList();
    }

    JsonBuffer one(Scope repository) {
        String owner = String.valueOf(repository.value("owner"));
        int place = listed.indexOf(oddity(String.valueOf(repository.value("repository"))));
        Rows rows = file.list("repositories", organisation(owner));
        JsonBuffer out = new JsonBuffer(4096);
        file.record("repositories").write(rows.row(Math.max(0, place)).in(repository), out);
        return out;
    }

    private static Comparator<Row> order(String sort) {
        return switch (sort) {
            case "full_name" -> Comparator.comparing(row -> row.scope().name());
            case "created" -> Comparator.comparingLong(Row::origin);
            default -> Comparator.comparingLong(Row::time);
        };
    }

    /** A listed repository's place in the list, from 0; others are placed far behind by their name. */
    private long place(JsonNode known, String name) {
        int place = listed.indexOf(known);
        return place < 0 ? UNLISTED + Hash.below(UNLISTED, Hash.of(lower(name))) : place;
    }

    private long id(String owner, long place) {
        return Long.parseLong(file.id("repositories", organisation(owner), place));
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
