package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one GraphQL operation: fields, arguments, variables and inline fragments, which is what clients of lists send. Variables
 * are replaced by their values; what a fragment picks counts as picked where it stands.
 */
final class GraphQl {
    private static final Pattern TOKEN = Pattern.compile(
            "\\G(?:[\\s,]|#[^\\n]*)*(\"(?:[^\"\\\\]|\\\\.)*\"|\\.\\.\\.|[{}()\\[\\]:!$=@]|[A-Za-z_]\\w*|-?[\\d.]+)");

    private final List<String> tokens = new ArrayList<>();
    private final JsonNode variables;
    private int at;

    /** @param type query or mutation */
    record Operation(String type, List<Selection> fields) {}

    private GraphQl(String text, JsonNode variables) {
        this.variables = variables;
        Matcher matcher = TOKEN.matcher(text);
        int end = 0;
        while (matcher.find()) {
            tokens.add(matcher.group(1));
            end = matcher.end();
        }
        if (!text.substring(end).isBlank()) {
            throw new IllegalArgumentException(
                    "syntax error, unexpected " + text.substring(end).strip());
        }
    }

    /** @throws IllegalArgumentException if the text is not read as an operation, or names a variable that it does not declare */
    static Operation parse(String text, JsonNode variables) {
        return new GraphQl(text, variables).operation();
    }

    private Operation operation() {
        String type = peek().equals("{") ? "query" : take();
        List<String> declared = new ArrayList<>();
        while (!peek().equals("{")) {
            if (take().equals("$")) {
                declared.add(peek());
            }
        }
        for (String name : (Iterable<String>) variables::fieldNames) {
            if (!declared.contains(name)) {
                throw new IllegalArgumentException("Variable $" + name + " is not declared by the operation");
            }
        }
        return new Operation(type, fields());
    }

    private List<Selection> fields() {
        expect("{");
        List<Selection> fields = new ArrayList<>();
        while (!peek().equals("}")) {
            if (peek().equals("...")) {
                at += peek(1).equals("on") ? 3 : 1;
                fields.addAll(fields());
                continue;
            }
            String name = take();
            Map<String, JsonNode> arguments = peek().equals("(") ? arguments() : Map.of();
            fields.add(new Selection(name, arguments, peek().equals("{") ? fields() : List.of()));
        }
        expect("}");
        return fields;
    }

    private Map<String, JsonNode> arguments() {
        Map<String, JsonNode> arguments = new LinkedHashMap<>();
        expect("(");
        while (!peek().equals(")")) {
            String name = take();
            expect(":");
            arguments.put(name, value());
        }
        expect(")");
        return arguments;
    }

    private JsonNode value() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        String token = take();
        if (token.equals("$")) {
            JsonNode value = variables.get(take());
            return value == null ? NullNode.getInstance() : value;
        }
        if (token.startsWith("\"")) {
            return json.textNode(
                    token.substring(1, token.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\"));
        }
        return switch (token) {
            case "true", "false" -> json.booleanNode(token.equals("true"));
            case "null" -> json.nullNode();
            default -> token.matches("-?\\d+") ? json.numberNode(Long.parseLong(token)) : json.textNode(token);
        };
    }

    private String peek() {
        return peek(0);
    }

    private String peek(int ahead) {
        if (at + ahead >= tokens.size()) {
            throw new IllegalArgumentException("syntax error, unexpected end of file");
        }
        return tokens.get(at + ahead);
    }

    private String take() {
        String token = peek();
        at++;
        return token;
    }

    private void expect(String token) {
        if (!take().equals(token)) {
            throw new IllegalArgumentException(
                    "syntax error, unexpected %s, expecting %s".formatted(tokens.get(at - 1), token));
        }
    }
}
