package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a list is written in a query or a form. Maps become {@code name[key]}, or JSON as well. */
public enum ListStyle {
    /** {@code id=1&id=2} */
    REPEAT,
    /** {@code id=1,2} */
    COMMA,
    /** {@code id[]=1&id[]=2} */
    BRACKETS,
    /** {@code id=[1,2]}, as JSON text */
    JSON;

    /** Returns the style of the name used in vendor files. */
    @JsonCreator
    public static ListStyle named(String name) {
        for (ListStyle style : values()) {
            if (style.toString().equals(name)) {
                return style;
            }
        }
        throw new IllegalArgumentException("query-lists '%s' is not one of %s"
                .formatted(
                        name, Arrays.stream(values()).map(ListStyle::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
