package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Whether a stream's data is the vendor's or the sandbox's. The two never share a folder, a key or a cursor. */
public enum Origin {
    REAL,
    STUB;

    /** Returns the name used in files and in the database: {@code real}, {@code stub}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
