package dev.caravan.connection.auth;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.slice.Span;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds of {@link TokenSettings}: which settings each reads, and what its token request says. */
final class TokenKinds {
    private static final Span DEFAULT_RENEW_BEFORE = Span.parse("1m");

    private TokenKinds() {}

    /** OAuth 2.0, RFC 6749 section 4.4. */
    static TokenSettings clientCredentials(AuthFields fields) {
        Kind kind = new Kind("client-credentials", fields);
        kind.needed("client-id");
        kind.needed("client-secret");
        kind.field("grant_type", "client_credentials");
        kind.client();
        kind.scope();
        return kind.settings();
    }

    /** OAuth 2.0, RFC 6749 section 6. */
    static TokenSettings refreshToken(AuthFields fields) {
        Kind kind = new Kind(TokenSettings.REFRESH_TOKEN, fields);
        kind.needed("client-id");
        kind.value("client-secret");
        kind.seed("refresh-token");
        kind.field("grant_type", "refresh_token");
        kind.field("refresh_token", "${auth.refresh-token}");
        kind.client();
        kind.login = LoginSettings.read(fields.inner("login"));
        // Not sent when refreshing: it is for the login, and a narrower one would narrow the token.
        kind.value("scope");
        return kind.settings();
    }

    /** OAuth 2.0, RFC 6749 section 4.3. */
    static TokenSettings password(AuthFields fields) {
        Kind kind = new Kind("password", fields);
        kind.needed("username");
        kind.needed("password");
        kind.value("client-id");
        kind.value("client-secret");
        kind.field("grant_type", "password");
        kind.field("username", "${auth.username}");
        kind.field("password", "${auth.password}");
        kind.client();
        kind.scope();
        return kind.settings();
    }

    /** A login of the vendor's own making; the request is as the file says it. */
    static TokenSettings session(AuthFields fields) {
        Kind kind = new Kind("session", fields);
        kind.value("username");
        kind.value("password");
        kind.json = true;
        if (!fields.inner("answer").has("token")) {
            throw new IllegalArgumentException(
                    "auth: say where the answer has the token, write answer: {token: $.token},"
                            + " {token: header.X-Auth} or {token: cookie.sid}");
        }
        return kind.settings();
    }

    /** A signed assertion, RFC 7523, exchanged for a token; without a url it is the token. */
    static TokenSettings jwt(AuthFields fields) {
        Kind kind = new Kind("jwt", fields);
        Assertion.Source source = Assertion.Source.read(fields);
        if (source == null) {
            kind.missing.add("auth.key-file");
            fields.know("issuer", "subject", "audience", "scope", "claims", "key-id", "valid-for");
        }
        URI given = fields.url("url");
        URI url = given != null || source == null ? given : source.tokenUrl();
        kind.url = url;
        kind.direct = true;
        kind.assertion = source == null ? null : source.assertion(fields, url);
        boolean own = String.valueOf(fields.object("token-headers")).contains("${auth.assertion}")
                || String.valueOf(fields.object("body")).contains("${auth.assertion}")
                || String.valueOf(fields.object("query")).contains("${auth.assertion}");
        if (!own && url != null) {
            kind.field("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            kind.field("assertion", "${auth.assertion}");
        }
        return kind.settings();
    }

    /** A token that gives another while it lives: Meta's, or RFC 8693. */
    static TokenSettings tokenExchange(AuthFields fields) {
        Kind kind = new Kind(TokenSettings.TOKEN_EXCHANGE, fields);
        kind.neededIfNamed("client-id");
        kind.neededIfNamed("client-secret");
        kind.seed("token");
        if (!(fields.object("query") + fields.object("body").toString() + fields.object("token-headers"))
                .contains("${auth.token}")) {
            throw new IllegalArgumentException(
                    "auth: the exchange does not name the token, write query: {fb_exchange_token: \"${auth.token}\"}");
        }
        if (fields.object("body").isEmpty()) {
            kind.method = "GET";
        }
        return kind.settings();
    }

    /** One kind while its settings are read. */
    private static final class Kind {
        private final String type;
        private final AuthFields fields;
        private final ObjectNode standard = JsonNodeFactory.instance.objectNode();
        private final Map<String, String> values = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();
        private String method = "POST";
        private boolean json;
        private boolean direct;
        private @Nullable URI url;
        private @Nullable String seed;
        private @Nullable Assertion assertion;
        private @Nullable LoginSettings login;

        Kind(String type, AuthFields fields) {
            this.type = type;
            this.fields = fields;
        }

        /** A client that the file names is needed, though not every exchange has one. */
        void neededIfNamed(String name) {
            if (fields.has(name)) {
                needed(name);
            }
        }

        void value(String name) {
            String value = fields.text(name, "");
            if (!value.isEmpty()) {
                values.put(name, value);
            }
        }

        void needed(String name) {
            value(name);
            if (!values.containsKey(name)) {
                missing.add("auth." + name);
            }
        }

        void seed(String name) {
            String text = fields.text(name, "");
            seed = text.isEmpty() ? null : text;
        }

        void field(String name, String text) {
            standard.put(name, text);
        }

        void client() {
            field("client_id", "${auth.client-id}");
            field("client_secret", "${auth.client-secret}");
        }

        void scope() {
            value("scope");
            if (values.containsKey("scope")) {
                field("scope", values.get("scope"));
            }
        }

        TokenSettings settings() {
            if (!direct) {
                url = fields.url("url");
                if (!fields.has("url")) {
                    throw new IllegalArgumentException(
                            "auth: 'type: %s' needs the 'url' that gives tokens, such as https://auth.example.com/token"
                                    .formatted(type));
                }
                if (url == null) {
                    missing.add("auth.url");
                }
            }
            String format = fields.text("format", json ? "json" : "form");
            if (!List.of("form", "json").contains(format)) {
                throw new IllegalArgumentException("auth: 'format: %s' is neither form nor json".formatted(format));
            }
            String clientAuth = fields.text("client-auth", "body");
            if (!List.of("body", "basic").contains(clientAuth)) {
                throw new IllegalArgumentException(
                        "auth: 'client-auth: %s' is neither body nor basic".formatted(clientAuth));
            }
            if (clientAuth.equals("basic")) {
                standard.remove(List.of("client_id", "client_secret"));
            }
            ObjectNode body = standard.deepCopy();
            body.setAll(fields.object("body"));
            AuthFields answer = fields.inner("answer");
            Span renewBefore = fields.span("renew-before");
            noteBlank("body", body);
            noteBlank("query", fields.object("query"));
            noteBlank("token-headers", fields.object("token-headers"));
            fields.texts("headers").forEach((name, value) -> {
                if (value.isEmpty()) {
                    missing.add("auth.headers." + name);
                }
            });
            return new TokenSettings(
                    type,
                    url,
                    fields.text("method", method).toUpperCase(Locale.ROOT),
                    fields.texts("query"),
                    body,
                    fields.texts("token-headers"),
                    format.equals("json"),
                    clientAuth.equals("basic"),
                    values,
                    seed,
                    assertion,
                    new TokenSettings.Places(
                            AnswerPlace.parse(answer.text("token", "$.access_token")),
                            AnswerPlace.parse(answer.text("expires", "$.expires_in")),
                            AnswerPlace.parse(answer.text("refresh", "$.refresh_token"))),
                    fields.span("valid-for"),
                    renewBefore == null ? DEFAULT_RENEW_BEFORE : renewBefore,
                    Placement.parse(fields.text("to", "header.Authorization"), fields.text("prefix")),
                    fields.texts("headers"),
                    fields.flag("optional"),
                    missing,
                    login);
        }

        private void noteBlank(String place, ObjectNode node) {
            node.properties().forEach(field -> {
                if (field.getValue().isTextual() && field.getValue().asText().isBlank()) {
                    missing.add("auth." + place + "." + field.getKey());
                }
            });
        }
    }
}
