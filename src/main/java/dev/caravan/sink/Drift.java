package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of what comes and was not expected: a field that a table or a schema does not have, a value that its column does not hold. */
public enum Drift {
    /** Missing columns are added, narrow ones widened; each is a line in the stream's log. */
    EVOLVE,
    /** What is there stays as it is: the batch fails before it is committed, and the error names the fields. */
    FREEZE,
    /** The record is rejected. */
    DISCARD_ROW,
    /** The record lands without that value. */
    DISCARD_VALUE;

    @JsonCreator
    static Drift named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.toString().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("drift '%s' is not one of %s"
                        .formatted(
                                name,
                                Arrays.stream(values()).map(Drift::toString).collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
