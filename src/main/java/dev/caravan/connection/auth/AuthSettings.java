package dev.caravan.connection.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a connection shows who it is. Its text shows no secret.
 *
 * @param type default is none
 * @param token the bearer token or the API key
 * @param header for an API key: the header it goes to
 * @param query for an API key: the query parameter it goes to
 * @param prefix what stands before the token, with a blank between; default is Bearer for bearer and nothing for an API key
 * @param username for basic
 * @param password for basic; may be blank
 * @param headers further secret headers, for vendors that want several; none may be blank
 * @param optional whether requests may go without the credential while it is blank
 */
public record AuthSettings(
        Type type,
        @Nullable String token,
        @Nullable String header,
        @Nullable String query,
        @Nullable String prefix,
        @Nullable String username,
        @Nullable String password,
        Map<String, String> headers,
        boolean optional) {
    /** No credential. */
    public static final AuthSettings NONE =
            new AuthSettings(Type.NONE, null, null, null, null, null, null, Map.of(), false);

    /** Where a credential goes. */
    public enum Type {
        NONE,
        BEARER,
        API_KEY,
        BASIC;

        /** Returns the type of the name used in vendor files. */
        @JsonCreator
        public static Type named(String name) {
            for (Type type : values()) {
                if (type.yamlName().equals(name)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("Unknown 'type: %s', use one of %s"
                    .formatted(name, Stream.of(values()).map(Type::yamlName).collect(Collectors.joining(", "))));
        }

        private String yamlName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public AuthSettings {
        headers = Map.copyOf(headers);
        for (String each : Stream.of(token, username, password, prefix)
                .filter(each -> each != null)
                .toList()) {
            if (each.strip().chars().anyMatch(sign -> sign < ' ' || sign == 127)) {
                throw new IllegalArgumentException(
                        "auth: a credential holds a line break or another control character");
            }
        }
        if (type == Type.API_KEY && (header == null) == (query == null)) {
            throw new IllegalArgumentException(
                    "auth: an API key goes to one place, write header: X-Api-Key or query: key");
        }
        refuse(type != Type.API_KEY && query != null, "query", "api-key");
        refuse(type != Type.API_KEY && type != Type.BEARER && header != null, "header", "api-key or bearer");
        refuse(type != Type.API_KEY && type != Type.BEARER && token != null, "token", "bearer or api-key");
        refuse(type != Type.BASIC && (username != null || password != null), "username and password", "basic");
        refuse(query != null && prefix != null, "prefix", "a header");
    }

    /** Returns this with one credential in place of every secret: what an imitation of the vendor accepts. */
    public AuthSettings withCredential(String credential) {
        Map<String, String> all = new LinkedHashMap<>();
        headers.keySet().forEach(name -> all.put(name, credential));
        return new AuthSettings(
                type,
                type == Type.BEARER || type == Type.API_KEY ? credential : null,
                header,
                query,
                prefix,
                type == Type.BASIC ? credential : null,
                password,
                all,
                optional);
    }

    private static void refuse(boolean wrong, String setting, String use) {
        if (wrong) {
            throw new IllegalArgumentException("auth: '%s' is for %s only".formatted(setting, use));
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static AuthSettings of(
            @JsonProperty("type") @Nullable Type type,
            @JsonProperty("token") @Nullable String token,
            @JsonProperty("header") @Nullable String header,
            @JsonProperty("query") @Nullable String query,
            @JsonProperty("prefix") @Nullable String prefix,
            @JsonProperty("username") @Nullable String username,
            @JsonProperty("password") @Nullable String password,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("optional") boolean optional) {
        return new AuthSettings(
                type == null ? Type.NONE : type,
                token,
                header,
                query,
                prefix,
                username,
                password,
                headers == null ? Map.of() : headers,
                optional);
    }

    public Auth auth() {
        Map<String, String> toHeaders = new LinkedHashMap<>();
        Map<String, String> toQuery = new LinkedHashMap<>();
        Set<String> secrets = new LinkedHashSet<>();
        List<String> missing = new ArrayList<>();
        headers.forEach((name, value) -> toHeaders.put(name, noted(value, "headers." + name, secrets, missing)));
        switch (type) {
            case NONE -> {}
            case BEARER ->
                toHeaders.put(
                        header == null ? "Authorization" : header,
                        prefixed(prefix == null ? "Bearer" : prefix, noted(token, "token", secrets, missing)));
            case API_KEY -> {
                String key = noted(token, "token", secrets, missing);
                if (query != null) {
                    toQuery.put(query, key);
                } else if (header != null) {
                    toHeaders.put(header, prefixed(prefix == null ? "" : prefix, key));
                }
            }
            case BASIC -> toHeaders.put("Authorization", basic(secrets, missing));
        }
        return new FixedAuth(toHeaders, toQuery, secrets, missing.isEmpty() ? "" : missing.get(0), optional);
    }

    private String basic(Set<String> secrets, List<String> missing) {
        // Some vendors take an API key for the user name and no password, so both are secret.
        String pair = noted(username, "username", secrets, missing) + ":" + blankless(password);
        String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        if (missing.isEmpty()) {
            secrets.add(encoded);
        }
        if (!blankless(password).isEmpty()) {
            secrets.add(blankless(password));
        }
        return "Basic " + encoded;
    }

    private static String noted(@Nullable String value, String setting, Set<String> secrets, List<String> missing) {
        String stripped = blankless(value);
        if (stripped.isEmpty()) {
            missing.add("auth." + setting);
        } else {
            secrets.add(stripped);
        }
        return stripped;
    }

    private static String prefixed(String prefix, String value) {
        return prefix.isBlank() ? value : prefix.strip() + " " + value;
    }

    private static String blankless(@Nullable String text) {
        return text == null ? "" : text.strip();
    }

    @Override
    public String toString() {
        return "AuthSettings[type=%s]".formatted(type.yamlName());
    }
}
