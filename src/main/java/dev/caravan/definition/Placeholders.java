package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills {@code {{key:default}}} in settings.
 *
 * <p>A key that begins with the vendor's name belongs to the connection: for the account {@code acme-stripe} of
 * {@code stripe}, {@code {{stripe.api-key}}} reads {@code acme-stripe.api-key}. There is no falling back to another
 * account's value. A text with <code>{{?key}}</code> is left out where the key has no value.
 */
final class Placeholders {
    private static final Pattern OPTIONAL = Pattern.compile("\\{\\{\\?([\\w.-]+)}}");

    private final String vendor;
    private final String connection;
    private final UnaryOperator<String> resolver;

    /**
     * @param resolver fills the placeholders of a text; throws {@link IllegalArgumentException} when a key has no value
     */
    Placeholders(String vendor, String connection, UnaryOperator<String> resolver) {
        this.vendor = vendor;
        this.connection = connection;
        this.resolver = resolver;
    }

    JsonNode fill(JsonNode node) {
        return fill(node, false);
    }

    /** Fills what a missing value may leave empty: a connection whose credential is missing is <i>not configured</i>, not wrong. */
    JsonNode fillOrEmpty(JsonNode node) {
        return fill(node, true);
    }

    private JsonNode fill(JsonNode node, boolean orEmpty) {
        if (node instanceof ObjectNode object) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(field -> {
                if (orEmpty || !isLeftOut(field.getValue())) {
                    filled.set(field.getKey(), fill(field.getValue(), orEmpty));
                }
            });
            return filled;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> {
                if (orEmpty || !isLeftOut(element)) {
                    filled.add(fill(element, orEmpty));
                }
            });
            return filled;
        }
        if (node instanceof TextNode text && text.textValue().contains("{{")) {
            return TextNode.valueOf(fillText(text.textValue(), orEmpty));
        }
        return node;
    }

    /** Whether a text asks for an optional setting that is missing: then it is as if the text were not there. */
    private boolean isLeftOut(JsonNode node) {
        if (!(node instanceof TextNode text)) {
            return false;
        }
        Matcher optional = OPTIONAL.matcher(own(text.textValue()));
        while (optional.find()) {
            try {
                if (resolver.apply("{{" + optional.group(1) + "}}").isEmpty()) {
                    return true;
                }
            } catch (IllegalArgumentException e) {
                return true;
            }
        }
        return false;
    }

    private String own(String text) {
        return text.replace("{{" + vendor + ".", "{{" + connection + ".")
                .replace("{{?" + vendor + ".", "{{?" + connection + ".");
    }

    private String fillText(String text, boolean orEmpty) {
        try {
            return resolver.apply(OPTIONAL.matcher(own(text)).replaceAll("{{$1}}"));
        } catch (IllegalArgumentException e) {
            if (orEmpty) {
                return "";
            }
            throw e;
        }
    }
}
