package dev.caravan.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.DialectId;
import com.networknt.schema.path.NodePath;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema of records, of the draft its {@code $schema} names or else 2020-12. What it refers to must be in it: nothing is
 * fetched. Immutable; safe for any number of threads.
 */
public final class RecordSchema {
    private static final int MOST_PATH = 200;
    private static final int MOST_EXPONENT = 10_000;
    private static final String FAR_NUMBER =
            String.format(Locale.ROOT, "the schema cannot be asked: an exponent is beyond %,d", MOST_EXPONENT);

    private final Schema schema;

    private RecordSchema(Schema schema) {
        this.schema = schema;
    }

    /**
     * Makes a schema ready, with everything it refers to.
     *
     * @throws IllegalArgumentException if it is not one, naming the place in it
     */
    public static RecordSchema of(JsonNode definition) {
        // A registry knows schemas by their $id, which streams may share without meaning the same.
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemaLoader(loader -> loader.fetchRemoteResources(false)));
        try {
            String draft = definition.path("$schema").asText(DialectId.DRAFT_2020_12);
            List<Error> mistakes = registry.getSchema(SchemaLocation.of(draft)).validate(definition);
            if (!mistakes.isEmpty()) {
                Error first = mistakes.get(0);
                throw new IllegalArgumentException(
                        "schema: '%s' %s".formatted(first.getInstanceLocation(), first.getMessage()));
            }
            Schema schema = registry.getSchema(definition);
            schema.initializeValidators();
            return new RecordSchema(schema);
        } catch (SchemaException e) {
            throw new IllegalArgumentException(
                    "schema: %s; write all that it refers to into it, under $defs, and leave '$schema' out or name draft 4 to 2020-12"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /** Returns which rule a record does not keep to and where, without its values; null if it keeps to all. */
    @Nullable
    String violation(byte[] bytes, int offset, int length) {
        try {
            JsonNode record = StrictJson.mapper().readTree(bytes, offset, length);
            if (!isComparable(record)) {
                return FAR_NUMBER;
            }
            List<Error> errors =
                    schema.validate(record, context -> context.executionConfig(config -> config.failFast(true)));
            return errors.isEmpty() ? null : described(errors.get(0));
        } catch (IOException | NumberFormatException e) {
            return FAR_NUMBER; // all else that could be wrong with it was found before
        }
    }

    /** A number such as {@code 1e999999999} is small, until something divides it or asks whether it is whole. */
    private static boolean isComparable(JsonNode value) {
        if (value.isBigDecimal()) {
            return Math.abs((long) value.decimalValue().scale()) <= MOST_EXPONENT;
        }
        for (JsonNode each : value) {
            if (!isComparable(each)) {
                return false;
            }
        }
        return true;
    }

    private static String described(Error error) {
        String missing = error.getKeyword().equals("required") ? " ('%s')".formatted(error.getProperty()) : "";
        return "the schema's rule '%s'%s does not hold at %s"
                .formatted(error.getKeyword(), missing, place(error.getInstanceLocation()));
    }

    /** Returns the place of a value without the number of each element: the same for every element of a list. */
    private static String place(NodePath location) {
        StringBuilder place = new StringBuilder("$");
        for (int i = 0; i < location.getNameCount() && place.length() <= MOST_PATH; i++) {
            Object step = location.getElement(i);
            place.append(step instanceof Integer ? "[*]" : "." + step);
        }
        return place.length() <= MOST_PATH ? place.toString() : place.substring(0, MOST_PATH) + "…";
    }
}
