package dev.caravan.run;

import dev.caravan.record.RecordPage;
import dev.caravan.record.Reject;
import dev.caravan.record.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Notices when rows move between pages that are found by counting: every page repeats the last rows of the one before. If none of
 * them comes again, rows before them are gone and others came forward, unread. Rows that were put in push others to the next
 * page, where they come again, which is no loss. For one thread.
 */
final class PageOverlap {
    private final int rows;
    private List<String> before = List.of();

    /** @param rows how many are repeated, 0 for none; then nothing is noticed */
    PageOverlap(int rows) {
        this.rows = rows;
    }

    /** Whether none of the last rows of the page before is in {@code page}. */
    boolean hasMoved(RecordPage page) {
        if (rows == 0 || before.isEmpty()) {
            return false;
        }
        Set<String> here = new HashSet<>(identities(page));
        return tail().stream().noneMatch(here::contains);
    }

    /** Whether a rejected row was on the page before, and is set aside already. */
    boolean wasBefore(Reject reject) {
        return before.contains(identity(reject));
    }

    /** Goes on to {@code page} and returns how many of its records, from the first on, were on the page before. */
    int take(RecordPage page) {
        if (rows == 0) {
            return 0;
        }
        Set<String> earlier = new HashSet<>(before);
        int repeated = 0;
        while (repeated < page.records().size()
                && earlier.contains(identity(page.records().get(repeated)))) {
            repeated++;
        }
        before = identities(page);
        return repeated;
    }

    /** Begins anew. */
    void forget() {
        before = List.of();
    }

    private List<String> tail() {
        return before.subList(Math.max(0, before.size() - rows), before.size());
    }

    /** Returns what tells the rows of a page apart, rejected ones in their places among them. */
    private static List<String> identities(RecordPage page) {
        Map<Integer, String> rejects = new TreeMap<>();
        for (Reject each : page.rejects()) {
            rejects.put(each.position(), identity(each));
        }
        Iterator<SourceRecord> records = page.records().iterator();
        List<String> identities = new ArrayList<>(page.size());
        for (int i = 0; i < page.size(); i++) {
            String reject = rejects.get(i);
            identities.add(reject == null && records.hasNext() ? identity(records.next()) : String.valueOf(reject));
        }
        return identities;
    }

    private static String identity(SourceRecord record) {
        String key = record.key();
        return key == null ? new String(record.bytes(), record.offset(), record.length(), StandardCharsets.UTF_8) : key;
    }

    private static String identity(Reject reject) {
        return new String(reject.raw(), StandardCharsets.ISO_8859_1);
    }
}
