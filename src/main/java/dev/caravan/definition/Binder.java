package dev.caravan.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns settings into typed records, strictly, and a mistake into a message a person can act on. */
final class Binder {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /** Settings of several kinds, and what tells the kind. */
    private static final Map<String, List<String>> KINDS = Map.of(
            "next", List.of("from"),
            "records", List.of("as"),
            "partitions", List.of("of", "product", "stream"),
            "sink", List.of("type", "format"));

    private Binder() {}

    /**
     * Binds {@code node}.
     *
     * @param where turns the JSON pointer of a wrong setting into "file:line"
     * @param subject what is bound, for messages
     * @throws DefinitionException naming place, setting, value and remedy
     */
    static <T> T bind(JsonNode node, Class<T> type, String subject, Function<String, String> where) {
        try {
            T bound = MAPPER.treeToValue(node, type);
            if (bound == null) {
                throw new DefinitionException(where.apply("") + ": " + subject + ": settings are missing");
            }
            return bound;
        } catch (UnrecognizedPropertyException e) {
            throw new DefinitionException(
                    "%s: %s: unknown setting '%s'%s"
                            .formatted(
                                    where.apply(pointer(e, node)),
                                    subject,
                                    name(e, node),
                                    suggestion(e.getPropertyName(), e.getKnownPropertyIds())),
                    e);
        } catch (JsonMappingException e) {
            requireKnown(node, type, subject, where, e);
            throw new DefinitionException(
                    "%s: %s: %s%s".formatted(where.apply(pointer(e, node)), subject, setting(e, node), reason(e, node)),
                    e);
        } catch (JsonProcessingException e) {
            throw new DefinitionException("%s: %s: %s".formatted(where.apply(""), subject, e.getOriginalMessage()), e);
        }
    }

    /**
     * Returns {@code defaults} with {@code own} laid over it: objects are merged, everything else is replaced, null removes.
     * An object that says anew of what kind it is replaces the other whole.
     */
    static JsonNode merge(@Nullable JsonNode defaults, JsonNode own) {
        if (!(defaults instanceof ObjectNode base) || !(own instanceof ObjectNode over)) {
            return own;
        }
        ObjectNode merged = base.deepCopy();
        over.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                merged.remove(field.getKey());
            } else {
                boolean whole =
                        KINDS.getOrDefault(field.getKey(), List.of()).stream().anyMatch(field.getValue()::has);
                merged.set(
                        field.getKey(), whole ? field.getValue() : merge(base.get(field.getKey()), field.getValue()));
            }
        });
        return merged;
    }

    /** Returns where in {@code node} a mistake is; one thing in the place of a list is no list there. */
    private static String pointer(JsonMappingException e, JsonNode node) {
        StringBuilder pointer = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            String name = step.getFieldName();
            if (name != null || node.at(pointer.toString()).isArray()) {
                pointer.append('/').append(name == null ? step.getIndex() : name);
            }
        }
        return pointer.toString();
    }

    private static String setting(JsonMappingException e, JsonNode node) {
        String path = pointer(e, node).replaceFirst("/", "").replace('/', '.');
        return path.isEmpty() ? "" : "setting '" + path + "': ";
    }

    private static String name(UnrecognizedPropertyException e, JsonNode node) {
        return pointer(e, node).replaceFirst("/", "").replace('/', '.');
    }

    /** What a misspelt setting lacks may be all that is wrong with the others, so it is named first. */
    private static void requireKnown(
            JsonNode node, Class<?> type, String subject, Function<String, String> where, JsonMappingException e) {
        if (!e.getPath().isEmpty() || !node.isObject()) {
            return;
        }
        Set<Object> known = new TreeSet<>();
        MAPPER.getDeserializationConfig()
                .introspect(MAPPER.constructType(type))
                .findProperties()
                .forEach(property -> known.add(property.getName()));
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new DefinitionException(
                        "%s: %s: unknown setting '%s'%s"
                                .formatted(where.apply("/" + name), subject, name, suggestion(name, known)),
                        e);
            }
        }
    }

    private static String suggestion(String name, @Nullable Collection<Object> ids) {
        List<String> known = ids == null
                ? List.of()
                : ids.stream().map(Object::toString).sorted().toList();
        String nearest = known.stream()
                .min(Comparator.comparingInt(each -> distance(each, name)))
                .filter(each -> distance(each, name) <= 3)
                .orElse("");
        String hint = nearest.isEmpty() ? "" : "; did you mean '" + nearest + "'?";
        return hint + (known.isEmpty() ? "" : " Known here: " + String.join(", ", known));
    }

    private static String reason(JsonMappingException e, JsonNode node) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        String shown = shownValue(e, node);
        if (e instanceof InvalidFormatException format) {
            return "'%s' is not %s".formatted(shown, kind(format.getTargetType()));
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return "%s is not %s".formatted(shown, kind(mismatch.getTargetType()));
        }
        return e.getOriginalMessage();
    }

    /** A value under {@code auth} is never shown, nor one of a sink, whose address may have a password in it. */
    private static String shownValue(JsonMappingException e, JsonNode node) {
        String pointer = pointer(e, node);
        if (pointer.startsWith("/auth") || pointer.startsWith("/sink/")) {
            return "the value (not shown)";
        }
        JsonNode at = node.at(pointer);
        return at.isValueNode() ? at.asText() : at.isMissingNode() ? "the value" : at.toString();
    }

    private static String kind(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "a text";
        }
        if (java.util.Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return "settings of the form that '" + type.getSimpleName() + "' has";
    }

    /** Number of letters to add, drop or change between two words (Levenshtein 1966). */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[other.length()];
    }
}
