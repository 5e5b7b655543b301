package dev.caravan.run;

import dev.caravan.connection.Request;
import java.util.function.Consumer;

/**
 * A run that shows and does not keep: no lease, no state, no key, no file.
 *
 * @param records how many records to take, at least 1
 * @param record told each record as it would land
 * @param request told each request before it is sent
 */
public record Trial(long records, Consumer<String> record, Consumer<Request> request) {
    public Trial {
        if (records < 1) {
            throw new IllegalArgumentException("A trial takes at least one record, not " + records);
        }
    }

    public static Trial printing(long records, Consumer<String> record, Consumer<Request> request) {
        return new Trial(records, record, request);
    }

    /** Returns a trial that only tells whether a stream works. */
    public static Trial counting(long records) {
        return new Trial(records, record -> {}, request -> {});
    }
}
