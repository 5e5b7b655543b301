package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A query of Google Ads: {@code SELECT fields FROM resource WHERE conditions}, the conditions joined by AND.
 *
 * @param fields as the query has them, {@code segments.ad_network_type}
 */
record Gaql(List<String> fields, String resource, List<Condition> conditions) {
    private static final Pattern QUERY = Pattern.compile(
            "SELECT\\s+(?<fields>.+?)\\s+FROM\\s+(?<resource>\\w+)(?:\\s+WHERE\\s+(?<where>.+?))?"
                    + "(?:\\s+ORDER\\s+BY\\s+[\\w., ]+?)?(?:\\s+LIMIT\\s+\\d+)?(?:\\s+PARAMETERS\\s+.+)?\\s*",
            Pattern.DOTALL);
    private static final Pattern CONDITION =
            Pattern.compile("\\s*(?<field>[\\w.]+)\\s*(?:(?<sign>!=|<=|>=|=|<|>)\\s*(?<value>'[^']*'|[\\w.-]+)"
                    + "|BETWEEN\\s+(?<low>'[^']*'|[\\w.-]+)\\s+AND\\s+(?<high>'[^']*'|[\\w.-]+))\\s*");
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    /** One comparison. */
    record Condition(String field, String sign, String value) {
        boolean holds(JsonNode record) {
            int order = record.at("/" + camel(field).replace('.', '/')).asText().compareTo(value);
            return switch (sign) {
                case "=" -> order == 0;
                case "!=" -> order != 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
            };
        }
    }

    Gaql {
        fields = List.copyOf(fields);
        conditions = List.copyOf(conditions);
    }

    static Gaql parse(String text) {
        Matcher query = QUERY.matcher(text.strip());
        if (!query.matches()) {
            throw refused("UNEXPECTED_INPUT", "Error in query: unexpected input " + text);
        }
        List<Condition> conditions = new ArrayList<>();
        String where = query.group("where");
        if (where != null) {
            Matcher condition = CONDITION.matcher(where);
            int at = 0;
            while (at < where.length()) {
                condition.region(at, where.length());
                if (!condition.lookingAt()) {
                    throw refused("UNEXPECTED_INPUT", "Error in WHERE clause: " + where.substring(at));
                }
                add(conditions, condition);
                at = condition.end();
                if (at < where.length() && !where.startsWith("AND", at)) {
                    throw refused("EXPECTED_CONNECTOR", "Error in WHERE clause: " + where.substring(at));
                }
                at = Math.min(where.length(), at + "AND".length());
            }
        }
        return new Gaql(Arrays.asList(COMMA.split(query.group("fields"))), query.group("resource"), conditions);
    }

    private static void add(List<Condition> conditions, Matcher matched) {
        String field = matched.group("field");
        if (matched.group("sign") != null) {
            conditions.add(new Condition(field, matched.group("sign"), plain(matched.group("value"))));
        } else {
            conditions.add(new Condition(field, ">=", plain(matched.group("low"))));
            conditions.add(new Condition(field, "<=", plain(matched.group("high"))));
        }
    }

    private static String plain(String value) {
        return value.startsWith("'") ? value.substring(1, value.length() - 1) : value;
    }

    boolean asksForMetrics() {
        return fields.stream().anyMatch(field -> field.startsWith("metrics."));
    }

    List<Selection> selection() {
        return Selection.ofPaths(fields.stream().map(Gaql::camel).toList());
    }

    /** A name of the query as answers have it. */
    static String camel(String snake) {
        return Pattern.compile("_(\\w)").matcher(snake).replaceAll(letter -> letter.group(1)
                .toUpperCase(java.util.Locale.ROOT));
    }

    static Refusal refused(String code, String message) {
        return new Refusal("query", Map.of("code", code, "message", message));
    }
}
