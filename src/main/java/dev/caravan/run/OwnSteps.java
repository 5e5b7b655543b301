package dev.caravan.run;

import dev.caravan.record.SourceRecord;
import org.jspecify.annotations.Nullable;

/** A stream's own steps for each record, called from outside its route. Safe for any number of threads. */
@FunctionalInterface
public interface OwnSteps {
    /** Returns the JSON object that the steps make of a record, null if they drop it. */
    byte @Nullable [] apply(SourceRecord record);
}
