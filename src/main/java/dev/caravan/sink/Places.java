package dev.caravan.sink;

import dev.caravan.json.JsonPath;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sorts the records of a batch by the folder they belong to. */
final class Places {
    /** Most folders of one batch: each becomes a file. */
    static final int MOST = 1000;

    private static final String DATE = "date=";

    private Places() {}

    /**
     * Returns the records of each folder, in their order.
     *
     * @throws IOException if there are too many folders
     */
    static Map<String, List<SourceRecord>> split(PartitionBy by, Destination to, List<SourceRecord> records)
            throws IOException {
        JsonPath field = by.field();
        if (field != null) {
            return byField(field, to, records);
        }
        Map<String, List<SourceRecord>> places = new LinkedHashMap<>();
        Map<String, List<SourceRecord>> days =
                by.ingest() ? Map.of(new Days(to.zone()).of(to.ingested()), records) : Days.split(to, records);
        days.forEach((day, some) -> places.put(DATE + day, some));
        return places;
    }

    private static Map<String, List<SourceRecord>> byField(JsonPath field, Destination to, List<SourceRecord> records)
            throws IOException {
        Map<String, List<SourceRecord>> places = new LinkedHashMap<>();
        Line line = new Line();
        for (SourceRecord record : records) {
            line.reset();
            to.form().write(record, line); // so that fields that are added can be chosen too
            Optional<String> value = field.textIn(line.toByteArray());
            String place = FolderName.of(field.field().orElseThrow(), value.orElse(null));
            places.computeIfAbsent(place, any -> new ArrayList<>()).add(record);
            if (places.size() > MOST) {
                throw new UnsuitedRowsException(
                        "partition-by %s: a batch has more than %,d values of it, and each is a file; choose a field with fewer"
                                .formatted(field, MOST));
            }
        }
        return places;
    }
}
