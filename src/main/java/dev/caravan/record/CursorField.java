package dev.caravan.record;

import dev.caravan.json.JsonPath;
import dev.caravan.slice.CursorFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a record's cursor is and how it is written.
 *
 * @param field seen from the record
 * @param or what stands in for it where it is missing or null; null for nothing
 * @param formats tried in this order; at least one
 * @param zone for texts that name none
 */
public record CursorField(JsonPath field, @Nullable JsonPath or, List<CursorFormat> formats, ZoneId zone) {
    /** A cursor that nothing stands in for. */
    public CursorField(JsonPath field, List<CursorFormat> formats, ZoneId zone) {
        this(field, null, formats, zone);
    }

    public CursorField {
        formats = List.copyOf(formats);
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("cursor %s: a format is missing, write format: iso".formatted(field));
        }
    }

    /** Returns how it is written, for people. */
    String formatNames() {
        return formats.stream().map(CursorFormat::yamlName).collect(Collectors.joining(" or "));
    }

    /** @throws IllegalArgumentException if {@code text} is of none of the formats */
    public Instant parse(String text) {
        for (int i = 0; ; i++) {
            try {
                return formats.get(i).parse(text, zone);
            } catch (IllegalArgumentException e) {
                if (i == formats.size() - 1) {
                    throw e;
                }
            }
        }
    }
}
