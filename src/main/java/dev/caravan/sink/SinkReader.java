package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.ResolvableDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code sink}: its {@code type} decides which settings there are. */
final class SinkReader extends JsonDeserializer<SinkSettings> {
    private static final String FILES = "files";
    private static final Pattern MISSING = Pattern.compile("^Missing required creator property '([^']+)'");
    private static final Map<String, SinkType> TYPES = new TreeMap<>();

    static {
        for (SinkType type : ServiceLoader.load(SinkType.class, SinkReader.class.getClassLoader())) {
            SinkType other = TYPES.put(type.name(), type);
            if (other != null) {
                throw new IllegalStateException("Two sinks are called '%s': %s and %s"
                        .formatted(type.name(), other.getClass(), type.getClass()));
            }
        }
    }

    @Override
    public SinkSettings deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode node = context.readTree(parser);
        ObjectNode settings = node instanceof ObjectNode object ? object.deepCopy() : settings(node);
        JsonNode type = settings.remove("type");
        String name = type == null ? FILES : type.asText();
        SinkType found = TYPES.get(name);
        if (found == null) {
            throw unknown(name);
        }
        if (!settings.has("name")) {
            settings.put("name", found.name());
        }
        try (JsonParser tokens = settings.traverse(parser.getCodec())) {
            tokens.nextToken();
            return (SinkSettings) plain(found.settings(), context).deserialize(tokens, context);
        } catch (MismatchedInputException e) {
            Matcher missing = MISSING.matcher(e.getOriginalMessage());
            if (missing.find()) {
                throw new IllegalArgumentException("sink: %s needs '%s'".formatted(name, missing.group(1)), e);
            }
            throw e;
        }
    }

    /** Returns what binds to the record itself, which has inherited that this class reads it. */
    private static JsonDeserializer<Object> plain(
            Class<? extends SinkSettings> settings, DeserializationContext context) throws JsonMappingException {
        JavaType type = context.constructType(settings);
        JsonDeserializer<Object> plain = context.getFactory()
                .createBeanDeserializer(context, type, context.getConfig().introspect(type));
        if (plain instanceof ResolvableDeserializer resolvable) {
            resolvable.resolve(context);
        }
        return plain;
    }

    /** Reads the short form: the name of a sink, or of a format of files. */
    private static ObjectNode settings(JsonNode node) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        String name = node.asText();
        if (!node.isTextual()
                || (!TYPES.containsKey(name) && FileFormat.find(name).isEmpty())) {
            throw unknown(name);
        }
        return TYPES.containsKey(name) ? settings.put("type", name) : settings.put("format", name);
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("sink '%s' is none of %s, nor a format of files, which are %s"
                .formatted(name, String.join(", ", TYPES.keySet()), FileFormat.all()));
    }
}
