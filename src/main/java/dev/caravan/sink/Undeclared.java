package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.ChosenFields;
import dev.caravan.record.FieldSettings;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a record's fields that the stream's schema does not declare, where files are to hold no others. Each such field is a
 * line in the stream's log once. Safe for any number of threads.
 */
final class Undeclared {
    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final int SHOWN = 5;
    /** Names that are values would fill the log, and memory. */
    private static final int MOST_NOTED = 1000;

    private final Drift drift;
    private final Set<String> declared;
    private final String stream;
    private final Set<String> noted = ConcurrentHashMap.newKeySet();
    private final Logger logger;

    /** @param declared names of fields at the top of a record; of no use where {@code drift} is to evolve */
    Undeclared(Drift drift, List<String> declared, String stream) {
        this.drift = drift;
        this.declared = new HashSet<>(declared);
        this.stream = stream;
        this.logger = LoggerFactory.getLogger("dev.caravan.stream." + stream);
    }

    /** Returns which records are rejected for it, by their place in the list. */
    Map<Integer, String> refused(List<SourceRecord> records) {
        if (drift != Drift.DISCARD_ROW) {
            return Map.of();
        }
        Map<Integer, String> refused = new HashMap<>();
        for (int i = 0; i < records.size(); i++) {
            if (!others(records.get(i)).isEmpty()) {
                refused.put(i, "drift: it has fields that the stream's schema does not declare");
            }
        }
        return refused;
    }

    /**
     * Returns the destination for records of a batch, where they are to land without such fields.
     *
     * @throws PullException if there are any and there may be none
     */
    Destination cutOut(Destination to, List<SourceRecord> records) {
        if (drift == Drift.FREEZE) {
            Set<String> all = new TreeSet<>();
            records.forEach(record -> all.addAll(others(record)));
            if (!all.isEmpty()) {
                throw new PullException(
                        Remedy.STOP,
                        "%s: drift: freeze takes no fields that the stream's schema does not declare, and these came: %s. Declare them, or say drift: evolve, discard-row or discard-value"
                                .formatted(
                                        stream,
                                        String.join(
                                                ", ", all.stream().limit(SHOWN).toList())));
            }
        }
        if (drift != Drift.DISCARD_VALUE
                || records.stream().allMatch(record -> others(record).isEmpty())) {
            return to;
        }
        FieldSettings kept = new FieldSettings(declared, Set.of(), Set.of(), Set.of(), Map.of());
        return to.in(new ChosenFields(kept, to.form()));
    }

    private Set<String> others(SourceRecord record) {
        Set<String> others = new HashSet<>();
        try (JsonParser parser = JSON.createParser(record.bytes(), record.offset(), record.length())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (!declared.contains(name)) {
                    others.add(name);
                }
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException e) {
            throw new IllegalStateException("A record was read before it came here", e);
        }
        for (String name : others) {
            if (noted.size() < MOST_NOTED && noted.add(name)) {
                logger.info("{}: field '{}' is not in the schema, drift: {}", stream, name, drift);
            }
        }
        return others;
    }
}
