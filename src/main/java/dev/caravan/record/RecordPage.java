package dev.caravan.record;

import java.util.List;
import java.util.Map;

/**
 * What one answer holds.
 *
 * @param records in the order of the answer
 * @param captured values of the layout's captured paths, by path; strings as their content, all else as JSON; without those
 *     that are missing or null
 * @param last values of the layout's last-record paths, in the same form
 * @param rejects records that cannot be used
 */
public record RecordPage(
        List<SourceRecord> records, Map<String, String> captured, Map<String, String> last, List<Reject> rejects) {
    public RecordPage {
        records = List.copyOf(records);
        captured = Map.copyOf(captured);
        last = Map.copyOf(last);
        rejects = List.copyOf(rejects);
    }

    /** Returns how many records the vendor sent, rejected ones among them. */
    public int size() {
        return records.size() + rejects.size();
    }
}
