package dev.caravan.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes maps of JSON objects for people's own steps, in the order of the object. Numbers are {@link java.math.BigInteger}
 * and {@link java.math.BigDecimal}, and their text is what the document has: whoever writes the map again writes
 * {@code 1.10}, {@code 1e2} and {@code -0} as they were.
 */
public final class ExactMap {
    private ExactMap() {}

    /** Reads an object that is known to be JSON within the bounds. */
    public static Map<String, Object> read(byte[] bytes, int offset, int length) throws IOException {
        try (JsonParser parser = StrictJson.factory().createParser(bytes, offset, length)) {
            parser.nextToken();
            return object(parser);
        }
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            object.put(name, value(parser));
        }
        return object;
    }

    private static List<Object> list(JsonParser parser) throws IOException {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser));
        }
        return list;
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> list(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> WrittenNumber.whole(parser.getText());
            case VALUE_NUMBER_FLOAT -> WrittenNumber.decimal(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }
}
