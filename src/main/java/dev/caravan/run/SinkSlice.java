package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import java.util.List;

/** What one slice writes into one sink. From one thread at a time. */
interface SinkSlice extends Ledger.SliceLedger {
    /** Writes and seals records where no reader looks yet; replaces what an earlier attempt wrote. */
    void write(List<SourceRecord> records, List<Reject> refused);

    @Override
    default void write(Batch batch, List<Reject> rejects) {
        write(List.copyOf(batch.records()), List.copyOf(rejects));
    }
}
