package dev.caravan.connection.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A credential that does not change.
 *
 * @param token the bearer token or the API key
 * @param header for an API key: the header it goes to
 * @param query for an API key: the query parameter it goes to
 * @param body for an API key: the place in a JSON body, or the field of a form, it goes to
 * @param prefix what stands before the token, with a blank between; default is Bearer for bearer and nothing for an API key
 * @param username for basic
 * @param password for basic; may be blank
 * @param headers further secret headers, for vendors that want several; none may be blank
 * @param optional whether requests may go without the credential while it is blank
 */
record FixedAuthSettings(
        Type type,
        @Nullable String token,
        @Nullable String header,
        @Nullable String query,
        @Nullable String body,
        @Nullable String prefix,
        @Nullable String username,
        @Nullable String password,
        Map<String, String> headers,
        boolean optional)
        implements AuthSettings {
    static final FixedAuthSettings NONE =
            new FixedAuthSettings(Type.NONE, null, null, null, null, null, null, null, Map.of(), false);

    /** Where a credential goes. */
    enum Type {
        NONE,
        BEARER,
        API_KEY,
        BASIC;

        String yamlName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    FixedAuthSettings {
        headers = Map.copyOf(headers);
        if (type == Type.API_KEY
                && Stream.of(header, query, body).filter(each -> each != null).count() != 1) {
            throw new IllegalArgumentException(
                    "auth: an API key goes to one place, write header: X-Api-Key, query: key or body: key");
        }
        refuse(type != Type.API_KEY && query != null, "query", "api-key");
        refuse(type != Type.API_KEY && body != null, "body", "api-key");
        refuse(type != Type.API_KEY && type != Type.BEARER && header != null, "header", "api-key or bearer");
        refuse(type != Type.API_KEY && type != Type.BEARER && token != null, "token", "bearer or api-key");
        refuse(type != Type.BASIC && (username != null || password != null), "username and password", "basic");
        refuse((query != null || body != null) && prefix != null, "prefix", "a header");
    }

    static FixedAuthSettings read(Type type, AuthFields fields) {
        return new FixedAuthSettings(
                type,
                fields.text("token"),
                fields.text("header"),
                fields.text("query"),
                fields.text("body"),
                fields.text("prefix"),
                fields.text("username"),
                fields.text("password"),
                fields.texts("headers"),
                fields.flag("optional"));
    }

    private static void refuse(boolean wrong, String setting, String use) {
        if (wrong) {
            throw new IllegalArgumentException("auth: '%s' is for %s only".formatted(setting, use));
        }
    }

    @Override
    public AuthSettings withCredential(String credential) {
        Map<String, String> all = new LinkedHashMap<>();
        headers.keySet().forEach(name -> all.put(name, credential));
        return new FixedAuthSettings(
                type,
                type == Type.BEARER || type == Type.API_KEY ? credential : null,
                header,
                query,
                body,
                prefix,
                type == Type.BASIC ? credential : null,
                password,
                all,
                optional);
    }

    @Override
    public Auth auth(AuthContext context) {
        Map<Placement, String> places = new LinkedHashMap<>();
        Set<String> secrets = new LinkedHashSet<>();
        List<String> missing = new ArrayList<>();
        headers.forEach((name, value) ->
                places.put(Placement.header(name, ""), noted(value, "headers." + name, secrets, missing)));
        switch (type) {
            case NONE -> {}
            case BEARER, API_KEY -> places.put(placement(), noted(token, "token", secrets, missing));
            case BASIC -> places.put(Placement.header("Authorization", "Basic"), basic(secrets, missing));
        }
        return new FixedAuth(places, secrets, missing.isEmpty() ? "" : missing.get(0), optional);
    }

    private Placement placement() {
        if (query != null) {
            return Placement.query(query);
        }
        if (body != null) {
            return Placement.parse("body." + body, null);
        }
        return Placement.header(
                header == null ? "Authorization" : header,
                prefix != null ? prefix : type == Type.BEARER ? "Bearer" : "");
    }

    private String basic(Set<String> secrets, List<String> missing) {
        // Some vendors take an API key for the user name and no password, so both are secret.
        String pair = noted(username, "username", secrets, missing) + ":" + (password == null ? "" : password);
        String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        if (missing.isEmpty()) {
            secrets.add(encoded);
        }
        if (password != null && !password.isEmpty()) {
            secrets.add(password);
        }
        return encoded;
    }

    private static String noted(@Nullable String value, String setting, Set<String> secrets, List<String> missing) {
        String text = value == null ? "" : value;
        if (text.isEmpty()) {
            missing.add("auth." + setting);
        } else {
            secrets.add(text);
        }
        return text;
    }

    @Override
    public String toString() {
        return "AuthSettings[type=%s]".formatted(type.yamlName());
    }
}
