package dev.caravan.record;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of records beside their bytes.
 *
 * @param given values by name, which key fields may be
 * @param index the index of a record that is read alone, null to count
 */
record Beside(Map<String, String> given, @Nullable Object index) {
    static final Beside NOTHING = new Beside(Map.of(), null);
}
