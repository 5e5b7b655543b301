package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says why a value by itself is not JSON, or not within the bounds, in one of few texts. */
public final class Strictness {
    static final String BEYOND_BOUNDS = String.format(
            Locale.ROOT,
            "it goes beyond a bound: %,d levels, names of %,d bytes, numbers of %,d digits",
            StrictJson.MAX_DEPTH,
            StrictJson.MAX_NAME,
            StrictJson.MAX_NUMBER);

    /** Where the parser's message begins to tell of its own settings and of where it stands. */
    private static final Pattern ASIDE =
            Pattern.compile("\\R.*|: enable .*|: was expecting.*|: expected .*|: maybe .*", Pattern.DOTALL);

    private Strictness() {}

    /** Returns what is wrong, null if nothing is. */
    public static @Nullable String fault(byte[] bytes, int offset, int length) {
        try (JsonParser parser = StrictJson.factory().createParser(bytes, offset, length)) {
            while (parser.nextToken() != null) {
                parser.finishToken();
            }
            return null;
        } catch (StreamConstraintsException e) {
            return BEYOND_BOUNDS;
        } catch (JsonProcessingException e) {
            return "it is not JSON: " + ASIDE.matcher(e.getOriginalMessage()).replaceFirst("");
        } catch (IOException e) {
            return "it is not JSON";
        }
    }
}
