package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, decoded, in the order they came; a name may come more than once. */
record Query(List<Parameter> parameters) {
    private static final Pattern SECRET =
            Pattern.compile("(?i).*(key|token|secret|password|signature|credential|auth).*");
    private static final Pattern AMPERSAND = Pattern.compile("&");
    private static final Pattern BRACKETS = Pattern.compile("\\]?\\[|\\]");

    record Parameter(String name, String value) {}

    Query {
        parameters = List.copyOf(parameters);
    }

    /**
     * Reads what follows the question mark.
     *
     * @throws IllegalArgumentException when an escape is broken
     */
    static Query parse(@Nullable String raw) {
        List<Parameter> parameters = new ArrayList<>();
        if (raw != null) {
            AMPERSAND.splitAsStream(raw).filter(pair -> !pair.isEmpty()).forEach(pair -> {
                int equals = pair.indexOf('=');
                parameters.add(
                        equals < 0
                                ? new Parameter(decode(pair), "")
                                : new Parameter(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))));
            });
        }
        return new Query(parameters);
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    List<String> all(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Parameter::value)
                .toList();
    }

    boolean has(String name) {
        return first(name).isPresent();
    }

    /** The first name that is none of these. */
    Optional<String> nameBeside(Set<String> known) {
        return parameters.stream()
                .map(Parameter::name)
                .filter(name -> !known.contains(name))
                .findFirst();
    }

    /** The same with one parameter set, where it stood or at the end. */
    Query with(String name, String value) {
        List<Parameter> changed = new ArrayList<>(parameters);
        changed.replaceAll(parameter -> parameter.name().equals(name) ? new Parameter(name, value) : parameter);
        if (!has(name)) {
            changed.add(new Parameter(name, value));
        }
        return new Query(changed);
    }

    /** The same with every value gone whose name sounds like a credential. */
    Query redacted() {
        return new Query(parameters.stream()
                .map(parameter ->
                        SECRET.matcher(parameter.name()).matches() ? new Parameter(parameter.name(), "***") : parameter)
                .toList());
    }

    /** The parameters as a tree: {@code where[0][col]=id} is the value {@code id} of {@code col} of {@code 0} of {@code where}. */
    JsonNode nested() {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        for (Parameter parameter : parameters) {
            List<String> names = BRACKETS.splitAsStream(parameter.name()).toList();
            ObjectNode at = tree;
            for (int i = 0; i < names.size() - 1; i++) {
                JsonNode below = at.get(names.get(i));
                at = below instanceof ObjectNode object ? object : at.putObject(names.get(i));
            }
            at.put(names.get(names.size() - 1), parameter.value());
        }
        return tree;
    }

    /** The query as it goes behind a question mark. */
    String encoded() {
        return parameters.stream()
                .map(parameter -> encode(parameter.name()) + "=" + encode(parameter.value()))
                .collect(Collectors.joining("&"));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
