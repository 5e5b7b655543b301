package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Progress;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What one slice writes into one sink. From one thread at a time. */
interface SinkSlice extends Ledger.SliceLedger {
    /** Writes and seals records where no reader looks yet; replaces what an earlier attempt wrote. */
    void write(List<SourceRecord> records, List<Reject> refused);

    /** The same as {@link Ledger.SliceLedger#send}, of the records that this sink is to have. */
    default Optional<Ledger.Outgoing> send(
            List<SourceRecord> records, List<Reject> refused, UnaryOperator<Progress> change, int pages) {
        return Optional.empty();
    }

    @Override
    default Optional<Ledger.Outgoing> send(
            Batch batch, List<Reject> rejects, UnaryOperator<Progress> change, int pages) {
        return send(List.copyOf(batch.records()), List.copyOf(rejects), change, pages);
    }

    @Override
    default void write(Batch batch, List<Reject> rejects) {
        write(List.copyOf(batch.records()), List.copyOf(rejects));
    }
}
