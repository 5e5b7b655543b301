package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.slice.Span;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The settings under {@code auth}, each asked for by name; what nobody has asked for is unknown. Never shows a value. */
final class AuthFields {
    private final ObjectNode node;
    private final String place;
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, AuthFields> inner = new LinkedHashMap<>();

    AuthFields(ObjectNode node, String place) {
        this.node = node;
        this.place = place;
    }

    /** Returns a text, stripped; null if it is missing. */
    @Nullable
    String text(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isValueNode()) {
            throw wrong(name, "is a text");
        }
        String text = value.asText().strip();
        if (text.chars().anyMatch(sign -> sign < ' ' || sign == 127)) {
            throw new IllegalArgumentException("auth: a credential holds a line break or another control character");
        }
        return text;
    }

    /** Returns a text of several lines, such as a key in PEM. */
    @Nullable
    String lines(String name) {
        JsonNode value = value(name);
        return value == null ? null : value.asText().strip();
    }

    String text(String name, String otherwise) {
        String text = text(name);
        return text == null || text.isEmpty() ? otherwise : text;
    }

    boolean has(String name) {
        return value(name) != null;
    }

    boolean flag(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return false;
        }
        if (!List.of("true", "false", "").contains(value.asText())) {
            throw wrong(name, "is true or false");
        }
        return value.asText().equals("true");
    }

    @Nullable
    Span span(String name) {
        String text = text(name);
        return text == null || text.isEmpty() ? null : Span.parse(text);
    }

    /** Returns an address, null if it is missing or blank. */
    @Nullable
    URI url(String name) {
        String text = text(name);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            URI uri = new URI(text);
            boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (java.net.URISyntaxException e) {
            // Said below, without the text: it may hold a secret.
        }
        throw wrong(name, "is an address such as https://auth.example.com/token, without a user");
    }

    /** Returns names and their texts, in order. */
    Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        object(name).properties().forEach(each -> {
            if (!each.getValue().isValueNode()) {
                throw wrong(name, "has texts");
            }
            texts.put(each.getKey(), each.getValue().asText().strip());
        });
        return texts;
    }

    ObjectNode object(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!(value instanceof ObjectNode object)) {
            throw wrong(name, "is of the form {name: value}");
        }
        return object;
    }

    /** Returns the settings below {@code name}; none if it is missing. */
    AuthFields inner(String name) {
        ObjectNode below = object(name);
        return inner.computeIfAbsent(name, any -> new AuthFields(below, name));
    }

    /** Says that these settings exist, though nobody needs them now. */
    void know(String... names) {
        known.addAll(List.of(names));
    }

    private @Nullable JsonNode value(String name) {
        known.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private IllegalArgumentException wrong(String name, String right) {
        return new IllegalArgumentException(
                "auth: '%s' %s".formatted(place.isEmpty() ? name : place + "." + name, right));
    }

    /** Refuses the first setting that nobody has asked for. */
    void done(JsonParser parser) throws JsonMappingException {
        for (String name : (Iterable<String>) node::fieldNames) {
            if (!known.contains(name)) {
                UnrecognizedPropertyException unknown = UnrecognizedPropertyException.from(
                        parser, AuthSettings.class, name, new ArrayList<Object>(known));
                if (!place.isEmpty()) {
                    unknown.prependPath(AuthSettings.class, place);
                }
                throw unknown;
            }
        }
        for (AuthFields each : inner.values()) {
            each.done(parser);
        }
    }
}
