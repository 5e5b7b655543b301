package dev.caravan.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.commit.StreamKey;
import dev.caravan.json.StrictJson;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes the progress of a stream out, and brings one in: from an export, from seeds, or by hand. Everything that is brought in
 * is checked before anything changes. Holds no state; safe for any number of threads.
 */
final class StateTransfer {
    private static final Set<String> EXPORT = Set.of("stream", "origin", "checkpoint", "marks", "partitions");
    private static final Set<String> PART = Set.of("partition", "checkpoint", "token", "open");
    private static final Set<String> SPAN = Set.of("from", "to");
    private static final Set<String> SEED =
            Set.of("stream", "partition", "last_synced_cursor", "last_run_at", "backfill_complete");

    private final StreamKey key;
    private final StreamPlan plan;

    StateTransfer(StreamKey key, StreamPlan plan) {
        this.key = key;
        this.plan = plan;
    }

    StateExport export(Progress progress) {
        return new StateExport(
                key.id(),
                key.origin().toString(),
                written(progress.checkpoint()),
                progress.marks(),
                progress.partitions().stream().map(this::part).toList());
    }

    private StateExport.Part part(PartitionProgress progress) {
        // Of numbers, all behind the checkpoint is open.
        List<Window> open = plan.isTimed() ? progress.unfinished() : List.of();
        return new StateExport.Part(
                progress.partition().fields(), written(progress.checkpoint()), progress.token(), open);
    }

    private @Nullable String written(@Nullable Instant checkpoint) {
        return checkpoint == null ? null : plan.written(checkpoint);
    }

    /** Returns the same as seeds, one for each partition that the stream has today. */
    List<StateSeed> seeds(Progress progress, @Nullable Instant lastRun) {
        return partitions(progress).stream()
                .map(partition -> {
                    PartitionProgress known = progress.of(partition).orElse(null);
                    String token = known == null ? null : known.token();
                    String reached = token == null && known != null ? written(known.checkpoint()) : token;
                    boolean complete = known != null && known.isFinished() && (reached != null || !plan.isFiltered());
                    return new StateSeed(key.id(), partition.fields(), reached, lastRun, complete);
                })
                .toList();
    }

    /** Returns the partitions that the vendor file lists, or those that were ever pulled of another stream's records. */
    private List<Partition> partitions(Progress committed) {
        return plan.listed().orElseGet(() -> committed.partitions().stream()
                .map(PartitionProgress::partition)
                .toList());
    }

    /**
     * Returns what sets the checkpoint of every partition that has the given fields.
     *
     * @param cursor a time, or the number or token that the stream has instead
     * @param partition fields and their values; empty for all partitions
     * @param committed how far the stream has come
     * @param now no checkpoint lies after it
     * @throws IllegalArgumentException if the time is none or in the future, or no partition has these fields
     */
    UnaryOperator<Progress> set(String cursor, Map<String, String> partition, Progress committed, Instant now) {
        Map<Partition, Restored> changes = new LinkedHashMap<>();
        Restored to = plan.isToken()
                ? new Restored(null, token("--cursor", cursor), List.of())
                : new Restored(time("--cursor", cursor, now), null, List.of());
        partitions(committed).stream()
                .filter(each -> each.fields().entrySet().containsAll(partition.entrySet()))
                .forEach(each -> changes.put(each, to));
        if (changes.isEmpty()) {
            throw refused("--partition", written(partition), "the stream has " + named(committed));
        }
        return changing(changes, Map.of());
    }

    /**
     * Reads exports and seeds: JSON objects, one after the other or in a list.
     *
     * @param committed how far the stream has come
     * @param now no checkpoint lies after it
     * @return what changes the progress of the partitions that are named; others stay
     * @throws IllegalArgumentException naming the field, its value and what would be right
     */
    UnaryOperator<Progress> read(String text, Progress committed, Instant now) {
        Map<Partition, Restored> changes = new LinkedHashMap<>();
        Map<String, Long> marks = new LinkedHashMap<>();
        for (ObjectNode each : objects(text)) {
            String stream = text(each, "stream");
            if (stream != null && !stream.equals(key.id())) {
                throw refused("stream", stream, "this is the state of another stream than " + key.id());
            }
            if (each.has("partitions")) {
                readExport(each, committed, now, changes);
                marks.putAll(marks(each));
            } else if (each.has("last_synced_cursor")) {
                only(each, SEED);
                time(each, "last_run_at", now);
                if (each.has("backfill_complete")
                        && !each.get("backfill_complete").isBoolean()) {
                    throw refused("backfill_complete", each.get("backfill_complete"), "write true or false");
                }
                put(
                        changes,
                        committed,
                        each,
                        restored(each, "last_synced_cursor", "last_synced_cursor", List.of(), now));
            } else {
                throw new IllegalArgumentException(
                        key.id() + ": an object has neither 'partitions', as an export has, nor 'last_synced_cursor',"
                                + " as a seed has");
            }
        }
        if (changes.isEmpty() && marks.isEmpty()) {
            throw new IllegalArgumentException(key.id() + ": nothing to import, no partition is named");
        }
        return changing(changes, marks);
    }

    /** Of a stream whose partitions are records of another: up to which of that one's commits. */
    private Map<String, Long> marks(ObjectNode export) {
        Map<String, Long> marks = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : export.path("marks").properties()) {
            if (!each.getValue().canConvertToExactIntegral() || each.getValue().asLong() < 1) {
                throw refused("marks", export.path("marks"), "each is the number of a commit");
            }
            marks.put(each.getKey(), each.getValue().asLong());
        }
        return marks;
    }

    private Restored restored(ObjectNode part, String checkpoint, String token, List<Window> open, Instant now) {
        if (plan.isToken()) {
            String value = text(part, token);
            return new Restored(null, value == null ? null : token(token, value), open);
        }
        return new Restored(time(part, checkpoint, now), null, open);
    }

    private String token(String field, String token) {
        if (token.isBlank()) {
            throw refused(field, token, "it is what the vendor gave to ask for changes with");
        }
        return token;
    }

    private void readExport(ObjectNode export, Progress committed, Instant now, Map<Partition, Restored> changes) {
        only(export, EXPORT);
        String origin = text(export, "origin");
        if (origin != null && !origin.equals(key.origin().toString())) {
            throw refused("origin", origin, "the stream pulls as '%s'".formatted(key.origin()));
        }
        time(export, "checkpoint", now);
        if (!export.get("partitions").isArray()) {
            throw refused("partitions", export.get("partitions"), "it is a list of objects");
        }
        for (JsonNode part : export.get("partitions")) {
            if (!(part instanceof ObjectNode object)) {
                throw refused("partitions", part, "it is a list of objects");
            }
            only(object, PART);
            put(changes, committed, object, restored(object, "checkpoint", "token", open(object, now), now));
        }
    }

    private List<Window> open(ObjectNode part, Instant now) {
        JsonNode spans = part.path("open");
        if (!spans.isMissingNode() && !spans.isArray()) {
            throw refused("open", spans, "it is a list of {\"from\": …, \"to\": …}");
        }
        List<Window> open = new ArrayList<>();
        for (JsonNode each : spans) {
            Instant from = each instanceof ObjectNode span ? time(only(span, SPAN), "from", now) : null;
            Instant to = each instanceof ObjectNode span ? time(span, "to", now) : null;
            if (from == null || to == null || !from.isBefore(to)) {
                throw refused("open", each, "it has 'from', and 'to' behind it");
            }
            if (!open.isEmpty() && from.isBefore(open.get(open.size() - 1).to())) {
                throw refused("open", each, "spans come in order and do not overlap");
            }
            open.add(new Window(from, to));
        }
        return open;
    }

    private void put(Map<Partition, Restored> changes, Progress committed, ObjectNode named, Restored state) {
        JsonNode fields = named.path("partition");
        Map<String, String> partition = new LinkedHashMap<>();
        fields.properties()
                .forEach(field -> partition.put(field.getKey(), field.getValue().asText()));
        Partition found = new Partition(partition);
        if (!plan.mayHave(found)) {
            throw refused("partition", fields.isMissingNode() ? "{}" : fields, "the stream has " + named(committed));
        }
        if (changes.put(found, state) != null) {
            throw refused("partition", fields, "it comes twice");
        }
    }

    private @Nullable Instant time(ObjectNode object, String field, Instant now) {
        JsonNode value = object.path(field);
        return value.isMissingNode() || value.isNull() ? null : time(field, value.asText(), now);
    }

    private Instant time(String field, String text, Instant now) {
        Instant time;
        try {
            time = plan.time(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s %s".formatted(key.id(), field, e.getMessage()), e);
        }
        if (plan.isTimed() && time.isAfter(now)) {
            throw refused(field, text, "it is not to lie in the future, it is " + now + " now");
        }
        return time;
    }

    private @Nullable String text(ObjectNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isMissingNode() && !value.isTextual()) {
            throw refused(field, value, "it is a text");
        }
        return value.textValue();
    }

    private ObjectNode only(ObjectNode object, Set<String> known) {
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException("%s: unknown field '%s', known here are %s"
                        .formatted(key.id(), name, known.stream().sorted().collect(Collectors.joining(", "))));
            }
        }
        return object;
    }

    private List<ObjectNode> objects(String text) {
        List<ObjectNode> objects = new ArrayList<>();
        try (MappingIterator<JsonNode> values = StrictJson.mapper()
                .readerFor(JsonNode.class)
                .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .readValues(text)) {
            while (values.hasNextValue()) {
                if (!(values.nextValue() instanceof ObjectNode object)) {
                    throw new IllegalArgumentException(
                            key.id() + ": this is no state: it is made of JSON objects, as 'state export' prints them");
                }
                objects.add(object);
            }
            return objects;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("%s: not JSON: %s".formatted(key.id(), e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory failed", e);
        }
    }

    private UnaryOperator<Progress> changing(Map<Partition, Restored> changes, Map<String, Long> marks) {
        if (!plan.isFiltered() && !plan.isToken() && changes.values().stream().anyMatch(each -> !each.isEmpty())) {
            throw new IllegalArgumentException(key.id()
                    + ": it has no checkpoint: its requests do not ask for a span of a cursor, so that every run"
                    + " reads all");
        }
        return before -> {
            Progress after = before;
            for (Map.Entry<Partition, Restored> each : changes.entrySet()) {
                after = after.withCheckpoint(
                        each.getKey(),
                        each.getValue().checkpoint(),
                        each.getValue().open());
                after = plan.isToken()
                        ? after.withToken(each.getKey(), each.getValue().token())
                        : after;
            }
            for (Map.Entry<String, Long> mark : marks.entrySet()) {
                after = after.withMark(mark.getKey(), mark.getValue());
            }
            return after;
        };
    }

    private String named(Progress committed) {
        String names = partitions(committed).stream()
                .map(each -> written(each.fields()))
                .limit(20)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "not pulled any partition yet" : names;
    }

    private static String written(Map<String, String> fields) {
        return fields.isEmpty()
                ? "no partitions"
                : fields.entrySet().stream()
                        .map(field -> field.getKey() + "=" + field.getValue())
                        .sorted()
                        .collect(Collectors.joining(" "));
    }

    private IllegalArgumentException refused(String field, Object value, String remedy) {
        return new IllegalArgumentException("%s: %s '%s': %s".formatted(key.id(), field, value, remedy));
    }

    /** What a partition is to be set to. */
    private record Restored(
            @Nullable Instant checkpoint, @Nullable String token, List<Window> open) {
        boolean isEmpty() {
            return checkpoint == null && token == null && open.isEmpty();
        }
    }
}
