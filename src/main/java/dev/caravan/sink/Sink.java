package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.util.List;
import java.util.Map;

/** Writes the records of one batch where they wait for their commit. Safe for any number of threads. */
public interface Sink {
    /**
     * Returns a sink whose batches are committed as files of lines, and then delivered by one that adds rows, or takes all away for
     * a full refresh. What was delivered is noted beside the commits; only a commit that broke off is delivered again.
     *
     * @throws IllegalArgumentException if the stream's rows take the place of others
     */
    static Sink delivering(SinkContext stream, Delivery delivery) {
        stream.requireAdding("what is delivered there");
        Sink files = SinkSettings.usual().open(stream);
        Delivery marked = new MarkedDelivery(stream, delivery);
        return new Sink() {
            @Override
            public List<SealedFile> write(Destination to, List<SourceRecord> records) {
                return files.write(to, records);
            }

            @Override
            public Delivery delivery() {
                return marked;
            }

            @Override
            public String ending() {
                return files.ending();
            }
        };
    }

    /**
     * Writes {@code records}, all or nothing.
     *
     * @return what was written, in no particular order; empty without records
     * @throws BatchWriteException if something could not be written; nothing stays staged then
     */
    List<SealedFile> write(Destination to, List<SourceRecord> records);

    /**
     * Returns why records cannot be held here, by their place in the list: those are rejected, the others can be written. Asked before
     * {@link #write}, with the form they will be written in.
     */
    default Map<Integer, String> refused(RecordForm form, List<SourceRecord> records) {
        return Map.of();
    }

    /** Where the rows go when their commit counts; nowhere, if readers look where the files are. */
    default Delivery delivery() {
        return Delivery.NONE;
    }

    /** Records of a batch where nothing is said, if fewer than {@code caravan.batch-rows}. */
    default int usualRows() {
        return Integer.MAX_VALUE;
    }

    /** Returns what the names of its files end with. */
    String ending();

    /** Whether records are wanted whole, as a text in a column, where nothing else is said. */
    default boolean isRaw() {
        return false;
    }
}
