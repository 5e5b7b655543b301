package dev.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * What a stream has landed, read as somebody would who knows nothing of the application but its promises: by folder, names
 * with {@code _} or {@code .} in front ignored, and by commit.
 */
public final class Landed {
    /** Numbers stay as they are written, and a line holds one value. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** What stands behind the vendor's own fields. */
    private static final Pattern ADDED =
            Pattern.compile(",?\"_caravan_run\":\"[^\"]*\",\"_caravan_extracted_at\":\"[^\"]*\"}$");

    private final Path data;
    private final Path folder;
    private final String stream;

    private Landed(Path data, String stream) {
        this.data = data;
        this.stream = stream;
        this.folder = data.resolve(stream);
    }

    public static Landed in(Path data, String stream) {
        return new Landed(data, stream);
    }

    public Path folder() {
        return folder;
    }

    /** Returns the rows of the folder view, in no order. */
    public List<JsonNode> rows() {
        return dataFiles().stream().flatMap(file -> rows(file).stream()).toList();
    }

    /** Returns how many rows lie in the folder of each day, by what follows {@code date=}. */
    public Map<String, Long> days() {
        return dataFiles().stream()
                .collect(Collectors.groupingBy(
                        file -> file.getParent().getFileName().toString().substring("date=".length()),
                        Collectors.summingLong(file -> rows(file).size())));
    }

    /** Returns the lines of the folder view as they are, rejected records among them, by file and place. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Path file : files(folder, "")) {
            if (isVisible(folder.relativize(file))) {
                lines.addAll(text(file).lines().toList());
            }
        }
        return lines;
    }

    private static String text(Path file) {
        try (InputStream in = new ByteArrayInputStream(bytes(file))) {
            boolean compressed = file.toString().endsWith(".gz");
            return new String((compressed ? new GZIPInputStream(in) : in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Not readable: " + file, e);
        }
    }

    /** Returns how often each id is there, in the folder view. */
    public Map<String, Integer> counts(String... key) {
        return counts(rows(), key);
    }

    /** Returns how often each id is there in the files that commits name, whether published yet or not. */
    public Map<String, Integer> committedCounts(String... key) {
        List<JsonNode> rows = new ArrayList<>();
        for (JsonNode file : counting()) {
            Path published = folder.resolve(file.path("path").asText());
            Path staged = folder.resolve(file.path("staged").asText());
            rows.addAll(rows(Files.exists(published) ? published : staged));
        }
        return counts(rows, key);
    }

    public Set<String> ids(String... key) {
        return new TreeSet<>(counts(key).keySet());
    }

    /** Returns the commits in their order. */
    public List<JsonNode> commits() {
        return commitFiles(".json").stream()
                .map(file -> {
                    try {
                        return JSON.readTree(bytes(file));
                    } catch (IOException e) {
                        throw new UncheckedIOException("Not JSON: " + file, e);
                    }
                })
                .toList();
    }

    /**
     * Returns the files of rows that count: those of the newest commit that says everything, and what came after it. Fails if
     * a commit is missing, or two name a file.
     */
    private List<JsonNode> counting() {
        Map<String, JsonNode> counting = new LinkedHashMap<>();
        long sequence = 0;
        for (JsonNode commit : commits()) {
            long number = commit.path("sequence").asLong();
            assertThat(number)
                    .as("%s: commit after %d", stream, sequence)
                    .isEqualTo(sequence == 0 ? number : sequence + 1);
            sequence = number;
            if (commit.has("state") || is(commit, "replace")) {
                counting.clear();
            }
            if (!is(commit, "pending")) {
                commit.path("removed").forEach(path -> counting.remove(path.asText()));
                commit.path("files").forEach(file -> assertThat(
                                counting.put(file.path("path").asText(), file))
                        .as("%s: named twice", stream)
                        .isNull());
            }
        }
        return List.copyOf(counting.values());
    }

    private static boolean is(JsonNode commit, String kind) {
        return commit.path("kind").asText().equals(kind);
    }

    /** Returns the files of keys that count. */
    private List<JsonNode> keyFiles() {
        List<JsonNode> keys = new ArrayList<>();
        for (JsonNode commit : commits()) {
            if (commit.has("state")) {
                keys.clear();
                commit.path("state").path("keys").forEach(span -> keys.add(span.path("file")));
            } else if (commit.path("keys").isObject()) {
                keys.add(commit.path("keys"));
            }
        }
        return keys;
    }

    /** Returns the number of the newest commit, 0 without any. Cheap, for those who wait for one. */
    public int commitNumber() {
        String[] names = folder.resolve("_commits").toFile().list((parent, name) -> name.matches("\\d{20}\\.json"));
        return names == null
                ? 0
                : Arrays.stream(names)
                        .mapToInt(name -> Integer.parseInt(name.substring(10, 20)))
                        .max()
                        .orElse(0);
    }

    /** Returns whether anything waits for its commit at this moment. */
    public boolean hasStaged() {
        String[] epochs = folder.resolve("_staging").toFile().list();
        return epochs != null && epochs.length > 0;
    }

    /** Returns how many files wait for their commit, or to be published after it. */
    public int stagedFiles() {
        return files(folder.resolve("_staging"), "").size();
    }

    /** Returns the files of rows, in order. */
    public List<Path> dataFiles() {
        return files(folder, ".ndjson.gz").stream()
                .filter(file -> isVisible(folder.relativize(file)))
                .toList();
    }

    /** Returns the files of the commit log that end so, {@code .json} or {@code .keys}, the oldest first. */
    public List<Path> commitFiles(String ending) {
        return files(folder.resolve("_commits"), ending);
    }

    /** Returns the commits that carry rows. */
    public List<JsonNode> dataCommits() {
        return commits().stream()
                .filter(commit -> !commit.path("files").isEmpty())
                .toList();
    }

    /** Returns how far the newest commit says the stream has come, as JSON. */
    public String progress() {
        List<JsonNode> commits = commits();
        return commits.isEmpty()
                ? ""
                : commits.get(commits.size() - 1).path("progress").toString();
    }

    /** Returns how many keys the commits remember. */
    public long keys() {
        return keyFiles().stream()
                .mapToLong(keys -> keys.path("count").asLong())
                .sum();
    }

    /** Every id of {@code expected} once, no other, and the two views the same, with nothing lying about. */
    public Landed assertExactlyOnce(Collection<String> expected, String... key) {
        Map<String, Integer> counts = counts(key);
        Set<String> missing = new TreeSet<>(expected);
        missing.removeAll(counts.keySet());
        Set<String> foreign = new TreeSet<>(counts.keySet());
        foreign.removeAll(new TreeSet<>(expected));
        Map<String, Integer> repeated = new TreeMap<>(counts);
        repeated.values().removeIf(count -> count == 1);
        assertThat(missing).as("%s: lost", stream).isEmpty();
        assertThat(foreign).as("%s: from nowhere", stream).isEmpty();
        assertThat(repeated).as("%s: more than once", stream).isEmpty();
        return assertSound(key);
    }

    /**
     * Every record of {@code served} once, byte for byte as it was served, no other, and the two views the same, with
     * nothing lying about. For flat records without tags, each written on one line.
     */
    public Landed assertExactlyAsServed(Collection<String> served, String... key) {
        Map<String, Integer> landed = prints(
                dataFiles().stream().flatMap(file -> lines(file).stream()).map(Landed::received), key);
        Map<String, Integer> wanted = prints(served.stream(), key);
        assertThat(difference(wanted, landed))
                .as("%s: lost, or other bytes than were served", stream)
                .isEmpty();
        assertThat(difference(landed, wanted))
                .as("%s: more than once, or never served", stream)
                .isEmpty();
        return assertSound(key);
    }

    /** Counts records by their key and the hash of their bytes. */
    private static Map<String, Integer> prints(Stream<String> records, String... key) {
        Map<String, Integer> prints = new TreeMap<>();
        records.forEach(record -> prints.merge(
                id(tree(record), key) + " " + sha256(record.getBytes(StandardCharsets.UTF_8)), 1, Integer::sum));
        return prints;
    }

    private static Map<String, Integer> difference(Map<String, Integer> these, Map<String, Integer> those) {
        Map<String, Integer> difference = new TreeMap<>();
        these.forEach((print, count) -> {
            int more = count - those.getOrDefault(print, 0);
            if (more > 0) {
                difference.put(print, more);
            }
        });
        return difference;
    }

    /** Returns a line without the fields that are not the vendor's. */
    private static String received(String line) {
        Matcher added = ADDED.matcher(line);
        assertThat(added.find()).as("not marked with its run: %s", line).isTrue();
        return line.substring(0, added.start()) + "}";
    }

    /** Folder view and commit view agree, hashes and counts too, and nothing lies about. */
    public Landed assertSound(String... key) {
        assertThat(counts(key)).as("%s: folder view and commit view", stream).isEqualTo(committedCounts(key));
        Set<Path> named = new TreeSet<>();
        for (JsonNode file : counting()) {
            Path path = folder.resolve(file.path("path").asText());
            named.add(path);
            assertThat(sha256(path))
                    .as("%s hash", path)
                    .isEqualTo(file.path("sha256").asText());
            assertThat(rows(path)).as("%s rows", path).hasSize(file.path("rows").asInt());
        }
        for (JsonNode file : keyFiles()) {
            Path keys = folder.resolve(file.path("path").asText());
            assertThat(sha256(keys))
                    .as("%s hash", keys)
                    .isEqualTo(file.path("sha256").asText());
        }
        assertThat(new TreeSet<>(dataFiles())).as("%s: data files", stream).isEqualTo(named);
        return assertNoDebris();
    }

    /** Whoever looks at the folder now, sees nothing that is not committed. */
    public Landed assertOnlyCommitted() {
        Set<Path> named = new TreeSet<>();
        counting().forEach(file -> named.add(folder.resolve(file.path("path").asText())));
        assertThat(dataFiles()).as("%s: visible before its commit", stream).isSubsetOf(named);
        return this;
    }

    /** Nothing staged, nothing half written; a report that a kill cut off goes with the old ones. */
    public Landed assertNoDebris() {
        List<Path> debris = files(data, "").stream()
                .filter(file -> !file.startsWith(data.resolve("reports")))
                .filter(file -> file.toString().contains("_staging")
                        || file.getFileName().toString().endsWith(".tmp"))
                .toList();
        assertThat(debris).as("%s: debris", stream).isEmpty();
        return this;
    }

    private static boolean isVisible(Path path) {
        for (Path name : path) {
            if (name.toString().startsWith("_") || name.toString().startsWith(".")) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Integer> counts(List<JsonNode> rows, String... key) {
        Map<String, Integer> counts = new TreeMap<>();
        rows.forEach(row -> counts.merge(id(row, key), 1, Integer::sum));
        return counts;
    }

    private static String id(JsonNode row, String... key) {
        return Arrays.stream(key).map(name -> row.path(name).asText()).collect(Collectors.joining("/"));
    }

    private static List<Path> files(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && file.toString().endsWith(ending)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // a run is under way, and its temporary file has gone
                    }
                    throw e;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Collections.sort(found);
        return found;
    }

    private static List<JsonNode> rows(Path file) {
        return lines(file).stream().map(Landed::tree).toList();
    }

    private static JsonNode tree(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException("Not JSON: " + line, e);
        }
    }

    private static List<String> lines(Path file) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(new ByteArrayInputStream(bytes(file))), StandardCharsets.UTF_8))) {
            return lines.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Not readable: " + file, e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(Path file) {
        return sha256(bytes(file));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
