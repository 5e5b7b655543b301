package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.Request;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where a request says how many records a page is to have, so that fewer can be asked for where an outcome says
 * {@code then: shrink-page}.
 *
 * @param value {@code query.<name>}, {@code header.<name>} or {@code body.<path>}, a number
 * @param least the fewest that are asked for; default 1
 */
public record ShrinkSettings(String value, int least) {
    public ShrinkSettings {
        if (TokenPlace.parse(value) instanceof TokenPlace.Path) {
            throw new IllegalArgumentException("shrink: 'value: path' is no number, write query.<name> or body.<path>");
        }
        if (least < 1) {
            throw new IllegalArgumentException("shrink: least=%d is not at least 1".formatted(least));
        }
    }

    @JsonCreator
    static ShrinkSettings of(
            @JsonProperty("value") @Nullable String value, @JsonProperty("least") @Nullable Integer least) {
        if (value == null) {
            throw new IllegalArgumentException("shrink needs a 'value', such as {value: query.limit, least: 10}");
        }
        return new ShrinkSettings(value, least == null ? 1 : least);
    }

    /** Returns how many records {@code request} asks for, empty if it does not say. */
    public OptionalInt in(Request request) {
        return TokenPlace.parse(value)
                .get(request)
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> OptionalInt.of(Integer.parseInt(text)))
                .orElse(OptionalInt.empty());
    }

    /** Returns half of {@code size}, but not less than the least; empty if it is no more than that. */
    public OptionalInt half(int size) {
        return size <= least ? OptionalInt.empty() : OptionalInt.of(Math.max(least, size / 2));
    }

    /** Returns {@code request} for a page of {@code size} records. */
    public Request put(Request request, int size) {
        return TokenPlace.parse(value).put(request, Integer.toString(size), true);
    }
}
