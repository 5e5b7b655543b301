package dev.caravan.run;

import dev.caravan.connection.Request;
import dev.caravan.sink.Reject;
import java.util.function.Consumer;

/**
 * A run that shows and does not keep: no lease, no state, no key, no file.
 *
 * @param records how many records to take, at least 1
 * @param partitions of how many partitions one page is asked for, whatever comes of those of the others; 0 to take the records
 *     wherever they come from, and to end with what fails
 * @param record told each record as it would land
 * @param reject told each record that is rejected, and why
 * @param request told each request before it is sent
 */
public record Trial(
        long records, int partitions, Consumer<String> record, Consumer<Reject> reject, Consumer<Request> request) {
    public Trial {
        if (records < 1) {
            throw new IllegalArgumentException("A trial takes at least one record, not " + records);
        }
    }

    public Trial(long records, Consumer<String> record, Consumer<Reject> reject, Consumer<Request> request) {
        this(records, 0, record, reject, request);
    }

    /** Returns a trial that only tells which of the first partitions of a stream work. */
    static Trial ofEach(int partitions) {
        return new Trial(1, partitions, record -> {}, reject -> {}, request -> {});
    }

    boolean isOfEach() {
        return partitions > 0;
    }

    /** Returns a trial that only tells whether a stream works. */
    public static Trial counting(long records) {
        return new Trial(records, record -> {}, reject -> {}, request -> {});
    }
}
