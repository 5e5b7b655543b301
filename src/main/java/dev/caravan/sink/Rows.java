package dev.caravan.sink;

import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Rows of JSON, to be read as often as needed. */
public interface Rows {
    /** Returns records as the rows that they will be. */
    static Rows of(RecordForm form, List<SourceRecord> records) {
        return taker -> {
            Line line = new Line();
            for (SourceRecord record : records) {
                line.reset();
                form.write(record, line);
                taker.take(line.bytes(), line.size());
            }
        };
    }

    void forEach(Taker taker) throws IOException, SQLException;

    /** Gets rows one after the other, each only until the next. */
    interface Taker {
        void take(byte[] row, int length) throws IOException, SQLException;
    }
}
