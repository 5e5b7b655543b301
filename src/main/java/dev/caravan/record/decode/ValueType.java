package dev.caravan.record.decode;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a text of CSV or XML is written as in JSON. Its digits stay as they are. */
public enum ValueType {
    TEXT(".*", "a text"),
    INTEGER("-?(0|[1-9]\\d{0,999})", "a whole number"),
    NUMBER("-?(0|[1-9]\\d{0,499})(\\.\\d{1,499})?([eE][+-]?\\d{1,9})?", "a number"),
    BOOLEAN("(?i)true|false", "true or false");

    private final Pattern pattern;
    private final String described;

    ValueType(String pattern, String described) {
        this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
        this.described = described;
    }

    @JsonCreator
    public static ValueType named(String name) {
        for (ValueType each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        throw new IllegalArgumentException("Unknown type '%s', use text, integer, number or boolean".formatted(name));
    }

    boolean fits(String text) {
        return pattern.matcher(text).matches();
    }

    /** Returns the JSON of a text that fits, for all types but {@link #TEXT}. */
    String json(String text) {
        return this == BOOLEAN ? text.toLowerCase(Locale.ROOT) : text;
    }

    String described() {
        return described;
    }
}
