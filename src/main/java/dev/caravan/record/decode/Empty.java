package dev.caravan.record.decode;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Locale;

/** What becomes of a cell or element without content. */
public enum Empty {
    /** An empty text. */
    TEXT,
    NULL,
    /** Nothing: the record has no such field. */
    OMIT;

    @JsonCreator
    public static Empty named(String name) {
        for (Empty each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        throw new IllegalArgumentException("Unknown 'empty: %s', use text, \"null\" or omit".formatted(name));
    }
}
