package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Fills {@code {{key:default}}} in settings.
 *
 * <p>A key that begins with the vendor's name belongs to the connection: for the account {@code acme-stripe} of
 * {@code stripe}, {@code {{stripe.api-key}}} reads {@code acme-stripe.api-key}. There is no falling back to another
 * account's value.
 *
 * <p>{@code {{acme.token|ACME_API_TOKEN}}} reads the first of several names that has a value. Names that do not begin with the
 * vendor's are what its users call the one account they have: they count for the default connection only. A text with
 * {@code {{?key}}} is left out where the key has no value.
 */
final class Placeholders {
    /** Every placeholder; those of one name that is needed are the resolver's. */
    private static final Pattern CHOICE = Pattern.compile("\\{\\{(\\??)([\\w.-]+(?:\\|[\\w.-]+)*)(?::([^{}]*))?}}");

    private static final Pattern OPTIONAL = Pattern.compile("\\{\\{\\?([\\w.|-]+)}}");

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

    /** Returns the settings that are needed somewhere in {@code node} and have no value, with the variables that would give them. */
    List<String> unset(JsonNode node) {
        return chosen(
                node,
                choice -> choice.group(1).isEmpty() && first(choice.group(2)).isEmpty());
    }

    /** Returns the settings without a default that have a value somewhere in {@code node}, with the variables that may give them. */
    List<String> set(JsonNode node) {
        return chosen(node, choice -> first(choice.group(2)).isPresent());
    }

    /** Returns those of some settings, given by their names, that have a value, with the variables that may give it. */
    List<String> given(JsonNode names) {
        List<String> given = new ArrayList<>();
        for (JsonNode each : each(names)) {
            Arrays.stream(each.asText().split("\\|", -1))
                    .filter(name -> first(name).isPresent())
                    .findFirst()
                    .ifPresent(name -> given.add(named(name)));
        }
        return given;
    }

    private static Iterable<JsonNode> each(JsonNode names) {
        return names.isArray() || names.isMissingNode() ? names : List.of(names);
    }

    private List<String> chosen(JsonNode node, Predicate<MatchResult> which) {
        List<String> chosen = new ArrayList<>();
        if (node.isContainerNode()) {
            node.forEach(each -> chosen.addAll(chosen(each, which)));
        } else if (node.isTextual()) {
            CHOICE.matcher(node.textValue())
                    .results()
                    .filter(choice -> choice.group(3) == null && which.test(choice))
                    .forEach(choice -> chosen.add(named(choice.group(2))));
        }
        return chosen;
    }

    private String named(String names) {
        List<String> own = Arrays.stream(names.split("\\|", -1))
                .filter(name -> name.startsWith(vendor + ".") || connection.equals(vendor))
                .map(name -> name.startsWith(vendor + ".") ? connection + name.substring(vendor.length()) : name)
                .toList();
        if (own.isEmpty()) {
            return names; // what users of one account call it, and another account has no name for
        }
        return own.get(0)
                + own.stream()
                        .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                        .distinct()
                        .collect(Collectors.joining(" or ", " (", ")"));
    }

    /** Returns those of some settings, given by their names, that have no value, as they are called for this account. */
    ArrayNode missing(JsonNode names) {
        ArrayNode missing = JsonNodeFactory.instance.arrayNode();
        for (JsonNode each : each(names)) {
            String name = each.asText();
            if (first(name).isEmpty()) {
                String own = name.replaceFirst("\\|.*", "");
                missing.add(own.startsWith(vendor + ".") ? connection + own.substring(vendor.length()) : own);
            }
        }
        return missing;
    }

    private JsonNode fill(JsonNode node, boolean orEmpty) {
        if (node instanceof ObjectNode object) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(field -> {
                if (!isLeftOut(field.getValue())) {
                    filled.set(field.getKey(), fill(field.getValue(), orEmpty));
                }
            });
            return filled;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> {
                if (!isLeftOut(element)) {
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
        Matcher optional = OPTIONAL.matcher(node.isTextual() ? node.textValue() : "");
        while (optional.find()) {
            if (first(optional.group(1)).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private String fillText(String text, boolean orEmpty) {
        Matcher choice = CHOICE.matcher(text);
        StringBuilder filled = new StringBuilder();
        int done = 0;
        // Piece by piece, so that nothing in a value is taken for a placeholder.
        while (choice.find()) {
            if (choice.group(1).isEmpty() && !choice.group(2).contains("|")) {
                continue;
            }
            filled.append(fillPlain(text.substring(done, choice.start()), orEmpty));
            filled.append(alternative(choice, orEmpty));
            done = choice.end();
        }
        return done == 0
                ? fillPlain(text, orEmpty)
                : filled.append(fillPlain(text.substring(done), orEmpty)).toString();
    }

    private String alternative(Matcher choice, boolean orEmpty) {
        Optional<String> value = first(choice.group(2));
        if (value.isPresent() || choice.group(3) != null) {
            return value.orElse(choice.group(3));
        }
        if (orEmpty || !choice.group(1).isEmpty()) {
            return "";
        }
        throw new IllegalArgumentException(
                "None of the settings %s has a value".formatted(choice.group(2).replace("|", ", ")));
    }

    /** Returns the value of the first of several names that has one. */
    private Optional<String> first(String names) {
        for (String name : names.split("\\|", -1)) {
            boolean own = name.startsWith(vendor + ".");
            if (own || connection.equals(vendor)) {
                String key = own ? connection + name.substring(vendor.length()) : name;
                try {
                    String value = resolver.apply("{{" + key + "}}");
                    if (!value.isBlank()) {
                        return Optional.of(value);
                    }
                } catch (IllegalArgumentException e) {
                    // The next, then.
                }
            }
        }
        return Optional.empty();
    }

    private String fillPlain(String text, boolean orEmpty) {
        if (!text.contains("{{")) {
            return text;
        }
        String own = text.replace("{{" + vendor + ".", "{{" + connection + ".");
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
