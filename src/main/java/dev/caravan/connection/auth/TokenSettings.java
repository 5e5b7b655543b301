package dev.caravan.connection.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.slice.Span;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A credential that a token endpoint gives. What tells one kind from another is which fields the token request has; a value
 * in it may hold {@code ${auth.token}} and the other {@link #VALUES}.
 *
 * @param type its name in vendor files
 * @param url of the token endpoint; null if the assertion itself is the token, or while a setting is missing
 * @param method GET or POST
 * @param query parameters of the token request
 * @param body fields of its body
 * @param tokenHeaders its headers
 * @param json whether its body is JSON; otherwise a form
 * @param basic whether client id and secret go to its Authorization header; otherwise into the body
 * @param values what expressions in the request stand for, without the tokens
 * @param seed the refresh token, or the token to exchange, to begin with; null if this kind has none, or none is set
 * @param assertion what is signed for each token request, null for nothing
 * @param answer where the answer has token, expiry and refresh token
 * @param validFor how long a token is valid when the answer does not say; null for until it is refused
 * @param renewBefore how long before its end a token is renewed
 * @param to where the token goes
 * @param headers further secret headers of the connection's requests
 * @param optional whether requests may go without the credential while settings are missing
 * @param missing blank settings that are needed
 * @param loginSettings how a person gives the first refresh token, null if nobody does
 */
record TokenSettings(
        String type,
        @Nullable URI url,
        String method,
        Map<String, String> query,
        ObjectNode body,
        Map<String, String> tokenHeaders,
        boolean json,
        boolean basic,
        Map<String, String> values,
        @Nullable String seed,
        @Nullable Assertion assertion,
        Places answer,
        @Nullable Span validFor,
        Span renewBefore,
        Placement to,
        Map<String, String> headers,
        boolean optional,
        List<String> missing,
        @Nullable LoginSettings loginSettings)
        implements AuthSettings {
    static final String REFRESH_TOKEN = "refresh-token";
    static final String TOKEN_EXCHANGE = "token-exchange";

    /** What expressions in a token request may name. */
    static final List<String> VALUES =
            List.of("token", "refresh-token", "client-id", "client-secret", "username", "password", "assertion");

    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]*)}");

    /** Where the answer of a token request has what. */
    record Places(AnswerPlace token, AnswerPlace expires, AnswerPlace refresh) {}

    TokenSettings {
        query = Map.copyOf(query);
        tokenHeaders = Map.copyOf(tokenHeaders);
        values = Map.copyOf(values);
        headers = Map.copyOf(headers);
        missing = List.copyOf(missing);
        if (!List.of("GET", "POST", "PUT").contains(method)) {
            throw new IllegalArgumentException("auth: 'method: %s' is none of GET, POST, PUT".formatted(method));
        }
        if (method.equals("GET") && !body.isEmpty()) {
            throw new IllegalArgumentException("auth: a token request with 'method: GET' has no body, use 'query'");
        }
        query.values().forEach(TokenSettings::check);
        tokenHeaders.values().forEach(TokenSettings::check);
        each("", body, (name, value) -> check(value));
        if (!json) {
            body.properties().forEach(field -> {
                if (!field.getValue().isValueNode()) {
                    throw new IllegalArgumentException(
                            "auth: 'body.%s' is nested, which a form cannot be; write format: json"
                                    .formatted(field.getKey()));
                }
            });
        }
    }

    private static void check(String text) {
        Matcher expression = EXPRESSION.matcher(text);
        while (expression.find()) {
            String name = expression.group(1);
            if (!name.startsWith("auth.") || !VALUES.contains(name.substring(5))) {
                throw new IllegalArgumentException("auth: a token request knows no ${%s}; there are auth.%s"
                        .formatted(name, String.join(", auth.", VALUES)));
            }
        }
    }

    /** Calls {@code use} with name and text of everything that the token request is made of. */
    void each(BiConsumer<String, String> use) {
        query.forEach(use);
        tokenHeaders.forEach(use);
        each("", body, use);
    }

    private static void each(String name, JsonNode node, BiConsumer<String, String> use) {
        if (node.isValueNode()) {
            use.accept(name, node.asText());
        } else if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> each(field.getKey(), field.getValue(), use));
        } else {
            node.forEach(element -> each(name, element, use));
        }
    }

    /** Fills the expressions of {@code text}; what has no value becomes nothing. */
    static String filled(String text, Map<String, String> values) {
        Matcher expression = EXPRESSION.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (expression.find()) {
            String value = values.getOrDefault(expression.group(1).substring(5), "");
            expression.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return expression.appendTail(filled).toString();
    }

    boolean isRefreshToken() {
        return type.equals(REFRESH_TOKEN);
    }

    boolean isExchange() {
        return type.equals(TOKEN_EXCHANGE);
    }

    @Override
    public List<URI> tokenUrls() {
        return url == null ? List.of() : List.of(url);
    }

    @Override
    public Optional<LoginSettings> login() {
        return Optional.ofNullable(loginSettings);
    }

    @Override
    public Auth auth(AuthContext context) {
        return new TokenAuth(this, context);
    }

    @Override
    public AuthSettings withCredential(String credential) {
        Map<String, String> all = new LinkedHashMap<>();
        headers.keySet().forEach(name -> all.put(name, credential));
        boolean bearer = to.kind() == Placement.Kind.HEADER;
        if (to.kind() == Placement.Kind.COOKIE) {
            all.put("Cookie", to.name() + "=" + credential);
            return new FixedAuthSettings(
                    FixedAuthSettings.Type.NONE, null, null, null, null, null, null, null, all, optional);
        }
        return new FixedAuthSettings(
                bearer ? FixedAuthSettings.Type.BEARER : FixedAuthSettings.Type.API_KEY,
                credential,
                bearer ? to.name() : null,
                to.kind() == Placement.Kind.QUERY ? to.name() : null,
                to.kind() == Placement.Kind.BODY ? to.name() : null,
                bearer ? to.prefix() : null,
                null,
                null,
                all,
                optional);
    }

    /** Returns the blank settings, the seed among them unless there is another one. */
    List<String> missing(boolean otherSeed) {
        List<String> all = new ArrayList<>(missing);
        if (!otherSeed && (isRefreshToken() || isExchange()) && seed == null) {
            all.add(isExchange() ? "auth.token" : "auth.refresh-token");
        }
        return all;
    }

    @Override
    public String toString() {
        return "AuthSettings[type=%s, url=%s]".formatted(type, url);
    }
}
