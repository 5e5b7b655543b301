package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.Locale;

/** What becomes of a table whose columns do not hold what comes. */
enum Drift {
    /** Missing columns are added, narrow ones widened; each is a line in the stream's log. */
    EVOLVE,
    /** A table that is there stays as it is: the batch fails before it is committed, and the error names the columns. */
    FREEZE;

    @JsonCreator
    static Drift named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("drift '%s' is not one of evolve, freeze".formatted(name)));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
