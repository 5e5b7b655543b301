package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The ledger of a trial: shows the first records and forgets everything. */
final class TrialLedger implements Ledger {
    private final Trial trial;
    private final Function<Partition, RecordForm> forms;
    private final AtomicLong shown = new AtomicLong();

    TrialLedger(Trial trial, Function<Partition, RecordForm> forms) {
        this.trial = trial;
        this.forms = forms;
    }

    @Override
    public Progress progress() {
        return Progress.NONE;
    }

    @Override
    public SliceLedger slice(Slice slice) {
        RecordForm form = forms.apply(slice.partition());
        return new SliceLedger() {
            @Override
            public List<SourceRecord> firstSeen(List<SourceRecord> records) {
                return records;
            }

            @Override
            public void forget(List<SourceRecord> records) {}

            @Override
            public void write(Batch batch, List<Reject> rejects) {
                rejects.forEach(trial.reject());
                batch.records().forEach(record -> show(form, record));
            }

            @Override
            public List<SealedFile> commit(UnaryOperator<Progress> change, int pages) {
                return List.of();
            }
        };
    }

    private void show(RecordForm form, SourceRecord record) {
        if (shown.getAndIncrement() >= trial.records()) {
            return;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            form.write(record, line);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        trial.record().accept(line.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void advance(UnaryOperator<Progress> change) {}

    @Override
    public void complete(UnaryOperator<Progress> change) {}

    @Override
    public void close() {}
}
