package dev.caravan.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * How other people's JSON is read: bounded in depth, name and number length, nothing allowed beyond RFC 8259, numbers kept
 * exactly. A text may be as long as the answer that holds it, which is bounded itself.
 */
public final class StrictJson {
    /** Levels of lists and objects within each other. */
    public static final int MAX_DEPTH = 500;

    /** Bytes of a name. */
    public static final int MAX_NAME = 16 * 1024;

    /** Digits of a number. */
    public static final int MAX_NUMBER = 1_000;

    private static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(MAX_NAME)
            .maxNumberLength(MAX_NUMBER)
            .build();

    // Interning saves nothing here and locks the JVM's one table of strings; names are still shared by the factory.
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(CONSTRAINTS)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private StrictJson() {}

    /** Returns the factory whose parsers keep the bounds. Do not change its features: it is shared. */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /** Returns the mapper over {@link #factory()}, for small documents that are worth a tree. Do not change it: it is shared. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }
}
