package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question in GraphQL.
 *
 * @param query its text; the only expressions in it are times, everything else goes in as a variable
 * @param variables may hold expressions; numbers stay numbers
 * @param operation which operation of the query is meant, null if it has only one
 */
public record GraphQlSettings(
        String query,
        Map<String, Object> variables,
        @Nullable String operation) {
    public GraphQlSettings {
        if (query.isBlank()) {
            throw new IllegalArgumentException("graphql: 'query' is empty");
        }
        variables = new LinkedHashMap<>(variables);
        Template.parse(query)
                .expressions()
                .filter(each -> !java.util.Set.of("window", "run", "now").contains(each.root()))
                .findFirst()
                .ifPresent(each -> {
                    throw new IllegalArgumentException(
                            "graphql: %s would become part of the query, pass it as a variable: variables: {name: \"%s\"}"
                                    .formatted(each, each));
                });
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static GraphQlSettings of(
            @JsonProperty("query") @Nullable String query,
            @JsonProperty("variables") @Nullable Map<String, Object> variables,
            @JsonProperty("operation") @Nullable String operation) {
        if (query == null) {
            throw new IllegalArgumentException("graphql needs a 'query'");
        }
        return new GraphQlSettings(query, variables == null ? Map.of() : variables, operation);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static GraphQlSettings of(String query) {
        return new GraphQlSettings(query, Map.of(), null);
    }

    /** Returns the JSON body that asks it. */
    public Map<String, Object> body() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("query", query);
        if (!variables.isEmpty()) {
            body.put("variables", variables);
        }
        if (operation != null) {
            body.put("operationName", operation);
        }
        return body;
    }
}
