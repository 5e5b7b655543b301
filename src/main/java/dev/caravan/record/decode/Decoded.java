package dev.caravan.record.decode;

import dev.caravan.record.RecordPage;
import dev.caravan.record.Reject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An answer as JSON.
 *
 * @param json the document; of a format that has rows, an array of those that are fit to be records
 * @param rejects the others, by their place among all
 * @param places of the rows in {@code json}, their places among all; empty where the format has no rows
 */
record Decoded(byte[] json, List<Reject> rejects, List<Integer> places) {
    static Decoded document(byte[] json) {
        return new Decoded(json, List.of(), List.of());
    }

    /** Returns the page read from {@code json}, with the rejects among its own. */
    RecordPage merged(RecordPage page) {
        if (places.isEmpty() && rejects.isEmpty()) {
            return page;
        }
        List<Reject> all = new ArrayList<>(rejects);
        for (Reject each : page.rejects()) {
            int place = each.position() < places.size() ? places.get(each.position()) : each.position();
            all.add(new Reject(place, each.index(), each.reason(), each.bytes(), each.offset(), each.length()));
        }
        all.sort(Comparator.comparingInt(Reject::position));
        return new RecordPage(page.records(), page.captured(), page.last(), all);
    }
}
