package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.function.UnaryOperator;

/**
 * Fills {@code {{key:default}}} in settings.
 *
 * <p>A key that begins with the vendor's name belongs to the connection: for the account {@code acme-stripe} of
 * {@code stripe}, {@code {{stripe.api-key}}} reads {@code acme-stripe.api-key}. There is no falling back to another
 * account's value.
 */
final class Placeholders {
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
            object.properties().forEach(field -> filled.set(field.getKey(), fill(field.getValue(), orEmpty)));
            return filled;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> filled.add(fill(element, orEmpty)));
            return filled;
        }
        if (node instanceof TextNode text && text.textValue().contains("{{")) {
            return TextNode.valueOf(fillText(text.textValue(), orEmpty));
        }
        return node;
    }

    private String fillText(String text, boolean orEmpty) {
        String own = text.replace("{{" + vendor + ".", "{{" + connection + ".")
                .replace("{{?" + vendor + ".", "{{?" + connection + ".");
        try {
            return resolver.apply(own);
        } catch (IllegalArgumentException e) {
            if (orEmpty) {
                return "";
            }
            throw e;
        }
    }
}
