package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Takes a row of JSON apart into cells with names, in the order they are written. One thread. */
public final class Cells {
    /** What stands between the name of an object and that of its member. */
    public static final String NESTED = "__";

    /** Rows were read strictly before; what is in them may be as long as they are. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            // Names of records are few, or there are too many of them to remember.
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();

    /** What a cell holds. */
    public enum Kind {
        NULL,
        BOOLEAN,
        NUMBER,
        TEXT,
        /** An array, or an object that is not taken apart. */
        JSON
    }

    /** Gets the cells of a row. */
    public interface Taker {
        /**
         * Takes a cell.
         *
         * @param text the content of a text; of anything else its JSON, as it is written
         */
        void take(String name, Kind kind, String text) throws IOException;
    }

    private final boolean flat;

    /** @param flat whether the members of objects become cells of their own, {@code address__city}; an empty one stays whole */
    public Cells(boolean flat) {
        this.flat = flat;
    }

    /** Reads a row, the first {@code length} of {@code bytes}. */
    public void read(byte[] bytes, int length, Taker taker) throws IOException {
        try (JsonParser parser = JSON.createParser(bytes, 0, length)) {
            parser.nextToken();
            members("", parser, bytes, taker);
        }
    }

    private void members(String prefix, JsonParser parser, byte[] bytes, Taker taker) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            String name = prefix.isEmpty() ? field : prefix + field;
            JsonToken token = parser.nextToken();
            switch (token) {
                case VALUE_NULL -> taker.take(name, Kind.NULL, "null");
                case VALUE_TRUE, VALUE_FALSE -> taker.take(name, Kind.BOOLEAN, parser.getText());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> taker.take(name, Kind.NUMBER, parser.getText());
                case VALUE_STRING -> taker.take(name, Kind.TEXT, parser.getText());
                case START_OBJECT -> object(name, parser, bytes, taker);
                default -> {
                    int start = at(parser);
                    parser.skipChildren();
                    taker.take(name, Kind.JSON, text(bytes, start, at(parser) + 1));
                }
            }
        }
    }

    private void object(String name, JsonParser parser, byte[] bytes, Taker taker) throws IOException {
        int start = at(parser);
        if (flat && !isEmpty(bytes, start)) {
            members(name + NESTED, parser, bytes, taker);
        } else {
            parser.skipChildren();
            taker.take(name, Kind.JSON, text(bytes, start, at(parser) + 1));
        }
    }

    private static boolean isEmpty(byte[] bytes, int start) {
        int at = start + 1;
        while (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n') {
            at++;
        }
        return bytes[at] == '}';
    }

    private static int at(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
