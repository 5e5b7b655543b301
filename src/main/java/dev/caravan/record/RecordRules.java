package dev.caravan.record;

import org.jspecify.annotations.Nullable;

/**
 * What a record must keep to, beyond being one.
 *
 * @param maxSize most bytes of it as received
 * @param schema its schema, null for none
 */
public record RecordRules(long maxSize, @Nullable RecordSchema schema) {
    public static final RecordRules NONE = new RecordRules(Long.MAX_VALUE, null);

    public RecordRules {
        if (maxSize < 1) {
            throw new IllegalArgumentException("A record has bytes: maxSize=%d".formatted(maxSize));
        }
    }

    /** Returns this for records that are not yet in their last form. */
    RecordRules withoutSchema() {
        return new RecordRules(maxSize, null);
    }
}
