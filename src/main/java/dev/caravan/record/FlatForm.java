package dev.caravan.record;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The vendor's record with fields of ours behind its own: the run, the time, and what the stream adds, such as tags and
 * fields of the partition.
 *
 * <p>A name is never written twice, and nothing of the vendor's is replaced: where the record has a field of the name, ours
 * is written as {@code _caravan_<name>}.
 *
 * <p>Immutable; safe for any number of threads.
 */
public final class FlatForm implements RecordForm {
    static final String PREFIX = "_caravan_";

    private final Map<String, String> added;
    private final byte[] addedBehindOthers;
    private final byte[] addedAlone;
    private final TopLevelNames names;

    /**
     * @param run id of the run that pulls
     * @param extractedAt when it began to
     * @param added further fields in their order, such as tags and the partition's
     */
    public FlatForm(String run, Instant extractedAt, Map<String, String> added) {
        Map<String, String> all = new LinkedHashMap<>(added);
        all.put(PREFIX + "run", run);
        all.put(PREFIX + "extracted_at", extractedAt.toString());
        this.added = all;
        this.names = new TopLevelNames(all.keySet());
        String members = members(all, Set.of());
        this.addedAlone = (members + "}").getBytes(StandardCharsets.UTF_8);
        this.addedBehindOthers = ("," + members + "}").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void write(SourceRecord record, OutputStream out) throws IOException {
        SourceRecord line = record;
        TopLevelNames.Found found = isPlain(line) ? TopLevelNames.Found.NOTHING : names.in(line);
        if (found.lineBreaks()) {
            line = record.withBytes(Compaction.compact(record.bytes(), record.offset(), record.length()));
        }
        out.write(line.bytes(), line.offset(), line.length() - 1);
        if (found.taken()) {
            String members = members(added, TopLevelNames.all(line));
            out.write(("," + members + "}").getBytes(StandardCharsets.UTF_8));
        } else {
            out.write(Splice.isEmpty(line) ? addedAlone : addedBehindOthers);
        }
    }

    /** Tells what is so of nearly all records, without a look into this one. */
    private boolean isPlain(SourceRecord record) {
        return record.names() != null && Collections.disjoint(record.names(), added.keySet());
    }

    private static String members(Map<String, String> fields, Set<String> taken) {
        List<String> members = new ArrayList<>();
        fields.forEach((name, value) -> {
            String free = name;
            while (taken.contains(free) || (!free.equals(name) && fields.containsKey(free))) {
                free = PREFIX + free;
            }
            members.add(new String(Splice.member(free, value), StandardCharsets.UTF_8));
        });
        return String.join(",", members);
    }
}
