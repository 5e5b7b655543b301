package dev.caravan.definition;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a JSON Schema (draft 7, which editors know best) of the records that settings are bound to: what their creators take, and
 * what their comments say of it. Every scalar may be a placeholder, every list a single value, and every setting {@code ~}.
 */
final class SchemaOfSettings {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern PARAMETER =
            Pattern.compile("@param\\s+(\\w+)\\s+(.*?)(?=\\n\\s*\\*\\s*@|\\s*\\*/|\\z)", Pattern.DOTALL);

    private final ObjectNode definitions;

    /** @param written definitions of types that read their settings by themselves */
    SchemaOfSettings(ObjectNode written) {
        this.definitions = written.deepCopy();
    }

    ObjectNode definitions() {
        return definitions;
    }

    /** Returns a reference to the schema of a type, which is added to the definitions. */
    ObjectNode of(Class<?> type) {
        String name = name(type);
        if (!definitions.has(name)) {
            definitions.set(name, JSON.objectNode());
            definitions.set(name, definition(type));
        }
        return JSON.objectNode().put("$ref", "#/definitions/" + name);
    }

    private static String name(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    private ObjectNode definition(Class<?> type) {
        if (type.isEnum()) {
            return choice(type);
        }
        List<ObjectNode> forms = new ArrayList<>();
        for (Executable creator : creators(type)) {
            forms.add(isObject(creator) ? object(type, creator) : schema(creator.getGenericParameterTypes()[0]));
        }
        if (forms.isEmpty()) {
            throw new AssertionError(type + " has no @JsonCreator, and is no type that is known here");
        }
        return forms.size() == 1 ? forms.get(0) : anyOf(forms);
    }

    private static List<Executable> creators(Class<?> type) {
        List<Executable> creators = Stream.<Executable>concat(
                        Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()))
                .filter(each -> each.isAnnotationPresent(JsonCreator.class))
                .toList();
        return creators.isEmpty() && type.isRecord() ? List.of(type.getDeclaredConstructors()[0]) : creators;
    }

    private static boolean isObject(Executable creator) {
        return creator.getParameterCount() != 1
                || creator.getParameters()[0].isAnnotationPresent(JsonProperty.class)
                || (creator.getDeclaringClass().isRecord() && !creator.isAnnotationPresent(JsonCreator.class));
    }

    private ObjectNode object(Class<?> type, Executable creator) {
        Map<String, String> said = comments(type);
        RecordComponent[] components = type.isRecord() ? type.getRecordComponents() : new RecordComponent[0];
        Parameter[] parameters = creator.getParameters();
        Type[] types = creator.getGenericParameterTypes();
        ObjectNode object = JSON.objectNode().put("type", "object");
        ObjectNode properties = object.putObject("properties");
        boolean open = false;
        for (int i = 0; i < parameters.length; i++) {
            JsonProperty named = parameters[i].getAnnotation(JsonProperty.class);
            if (parameters[i].isAnnotationPresent(JsonAnySetter.class)) {
                open = true;
                continue;
            }
            String name = named == null || named.value().isEmpty() ? kebab(parameters[i].getName()) : named.value();
            String comment = said.get(name);
            if (comment == null && components.length == parameters.length) {
                comment = said.get(kebab(components[i].getName()));
            }
            ObjectNode schema = orNull(schema(types[i]), comment);
            properties.set(name, schema);
            JsonAlias aliases = parameters[i].getAnnotation(JsonAlias.class);
            for (String alias : aliases == null ? new String[0] : aliases.value()) {
                properties.set(alias, schema);
            }
        }
        return object.put("additionalProperties", open);
    }

    /** {@code ~} takes an inherited setting away. */
    private static ObjectNode orNull(ObjectNode schema, @Nullable String comment) {
        ObjectNode setting = schema.isEmpty()
                ? JSON.objectNode()
                : anyOf(List.of(schema, JSON.objectNode().put("type", "null")));
        if (comment != null) {
            setting.put("description", comment);
        }
        return setting;
    }

    private ObjectNode schema(Type type) {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (Collection.class.isAssignableFrom(raw)) {
                ObjectNode list = JSON.objectNode().put("type", "array");
                list.set("items", schema(last));
                return anyOf(List.of(list, schema(last)));
            }
            if (Map.class.isAssignableFrom(raw)) {
                ObjectNode map = JSON.objectNode().put("type", "object");
                map.set("additionalProperties", orNull(schema(last), null));
                return map;
            }
        }
        Class<?> raw = (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
        if (raw == String.class || raw == URI.class) {
            // YAML reads 5, true and 2026-01-01 as something else than text, and they are taken as text.
            return types("string", "number", "boolean");
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return scalar("boolean");
        }
        if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
            return scalar("integer");
        }
        if (raw == double.class || raw == Double.class || Number.class.isAssignableFrom(raw)) {
            return scalar("number");
        }
        if (raw == Object.class || JsonNode.class.isAssignableFrom(raw)) {
            return JSON.objectNode();
        }
        return of(raw);
    }

    private static ObjectNode types(String... types) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode all = schema.putArray("type");
        Arrays.stream(types).forEach(all::add);
        return schema;
    }

    /** Returns what is of a type, or a text with a placeholder that becomes it. */
    private static ObjectNode scalar(String type) {
        return anyOf(List.of(JSON.objectNode().put("type", type), placeholder()));
    }

    private static ObjectNode placeholder() {
        return JSON.objectNode().put("type", "string").put("pattern", "\\{\\{");
    }

    private static ObjectNode choice(Class<?> type) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode names = schema.putArray("enum");
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            requireRead(type, name, constant);
            names.add(name);
        }
        return anyOf(List.of(schema, placeholder()));
    }

    /** The name in a file is the creator's to say; this one guesses it, and asks. */
    private static void requireRead(Class<?> type, String name, Object constant) {
        for (Executable creator : creators(type)) {
            try {
                ((Method) creator).setAccessible(true);
                if (((Method) creator).invoke(null, name) == constant) {
                    return;
                }
            } catch (InvocationTargetException | IllegalAccessException e) {
                throw new LinkageError("%s does not read '%s'".formatted(type, name), e);
            }
        }
        throw new AssertionError("%s does not read '%s' as %s".formatted(type, name, constant));
    }

    private static ObjectNode anyOf(List<ObjectNode> forms) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode all = schema.putArray("anyOf");
        forms.forEach(all::add);
        return schema;
    }

    private static String kebab(String name) {
        return PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(name);
    }

    /** Returns what the comment before a type says of its components, by their names in files. */
    private static Map<String, String> comments(Class<?> type) {
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        try {
            String source = Files.readString(SOURCES.resolve(outer.getName().replace('.', '/') + ".java"));
            int declared = source.indexOf(" " + type.getSimpleName() + (type.isRecord() ? "(" : " "));
            int begin = declared < 0 ? -1 : source.lastIndexOf("/**", declared);
            Map<String, String> comments = new LinkedHashMap<>();
            if (begin >= 0) {
                Matcher matcher = PARAMETER.matcher(source.substring(begin, source.indexOf("*/", begin) + 2));
                while (matcher.find()) {
                    comments.put(kebab(matcher.group(1)), plain(matcher.group(2)));
                }
            }
            return comments;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String plain(String comment) {
        return comment.replaceAll("\\s*\\n\\s*\\*\\s*", " ")
                .replaceAll("\\{@(?:code|link) ([^}]*)}", "$1")
                .strip();
    }
}
