package dev.caravan.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.json.StrictJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a slice stands: which page is asked next.
 *
 * @param number the page's number as the vendor counts, at least 0
 * @param offset records before it, at least 0
 * @param token what the vendor gave to ask with: an opaque token, the id of a record, or an address; null for the first page
 *     and for pages that are only counted
 * @param kept values of the answer before that requests use, by {@code ${answer.…}}
 * @param job the job whose result the pages are of; null for none, or before it is submitted
 * @param sync the tokens of a slice that is to go on here; null while it is pulled, and where the last run's are still right
 */
public record Position(
        int number,
        long offset,
        @Nullable String token,
        Map<String, String> kept,
        @Nullable JobMark job,
        @Nullable SyncMark sync) {
    /** The first page of a vendor that counts from 1. */
    public static final Position START = new Position(1, 0, null);

    public Position {
        if (number < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "A position is not negative: page %d, offset %d".formatted(number, offset));
        }
        kept = Map.copyOf(kept);
    }

    public Position(int number, long offset, @Nullable String token) {
        this(number, offset, token, Map.of(), null, null);
    }

    /** Returns the position that {@link #toString} wrote. */
    public static Position parse(String text) {
        if (text.startsWith("{")) {
            return parseLong(text);
        }
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        try {
            int end = second < 0 ? text.length() : second;
            return new Position(
                    Integer.parseInt(text.substring(0, first)),
                    Long.parseLong(text.substring(first + 1, end)),
                    second < 0 ? null : text.substring(second + 1));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "Not a position: it has the form number:offset or number:offset:token", e);
        }
    }

    private static Position parseLong(String text) {
        try {
            JsonNode node = StrictJson.mapper().readTree(text);
            Position page = parse(node.path("page").asText());
            Map<String, String> kept = new LinkedHashMap<>();
            node.path("kept")
                    .properties()
                    .forEach(each -> kept.put(each.getKey(), each.getValue().asText()));
            JsonNode job = node.path("job");
            JobMark mark = job.isMissingNode()
                    ? null
                    : new JobMark(
                            job.path("id").asText(),
                            Instant.parse(job.path("submitted").asText()),
                            job.path("tries").asInt(),
                            job.path("files").asInt(),
                            job.path("list").asText());
            JsonNode sync = node.path("sync");
            SyncMark tokens = sync.isMissingNode()
                    ? null
                    : new SyncMark(
                            sync.path("asked").textValue(), sync.path("given").textValue());
            return new Position(page.number, page.offset, page.token, kept, mark, tokens);
        } catch (JsonProcessingException | DateTimeException e) {
            throw new IllegalArgumentException("Not a position: " + e.getMessage(), e);
        }
    }

    Position next(long records, @Nullable String nextToken) {
        return new Position(Math.addExact(number, 1), Math.addExact(offset, records), nextToken, Map.of(), job, null);
    }

    /** Returns this with values of the answer before it. */
    public Position keeping(Map<String, String> values) {
        return new Position(number, offset, token, values, job, sync);
    }

    /** Returns this as a place in the result of {@code mark}, null for none. */
    Position of(@Nullable JobMark mark) {
        return new Position(number, offset, token, kept, mark, sync);
    }

    /** Returns this with the tokens of its slice, null for none. */
    public Position with(@Nullable SyncMark tokens) {
        return new Position(number, offset, token, kept, job, tokens);
    }

    /** Returns what tells this page from others of its slice. */
    String identity() {
        String file = job == null ? "" : job.id() + "/" + job.files() + "/";
        return file + (token == null ? number + ":" + offset : ":" + token);
    }

    /** Returns what people and rejected records call this page: {@code 3:200} or {@code 3:200:token}. */
    public String place() {
        return number + ":" + offset + (token == null ? "" : ":" + token);
    }

    /** Returns a text that {@link #parse} reads, for checkpoints: {@link #place}, or JSON if there is more to it. */
    @Override
    public String toString() {
        if (kept.isEmpty() && job == null && sync == null) {
            return place();
        }
        ObjectNode node = StrictJson.mapper().createObjectNode();
        node.put("page", place());
        if (!kept.isEmpty()) {
            ObjectNode values = node.putObject("kept");
            new TreeMap<>(kept).forEach(values::put);
        }
        if (job != null) {
            node.putObject("job")
                    .put("id", job.id())
                    .put("submitted", job.submitted().toString())
                    .put("tries", job.tries())
                    .put("files", job.files())
                    .put("list", job.list());
        }
        if (sync != null) {
            node.putObject("sync").put("asked", sync.asked()).put("given", sync.given());
        }
        return node.toString();
    }
}
