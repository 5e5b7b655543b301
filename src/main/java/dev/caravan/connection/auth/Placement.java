package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.failure.Remedy;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where in a request something goes: {@code header.X-Api-Key}, {@code query.key}, {@code cookie.sid} or {@code body.auth.key}.
 *
 * @param prefix what stands before it in a header, with a blank between; empty for nothing
 */
record Placement(Kind kind, String name, String prefix) {
    /** The part of the request. */
    enum Kind {
        HEADER,
        QUERY,
        COOKIE,
        BODY
    }

    static Placement header(String name, String prefix) {
        return new Placement(Kind.HEADER, name, prefix.strip());
    }

    static Placement query(String name) {
        return new Placement(Kind.QUERY, name, "");
    }

    /** @param prefix null for the usual one: Bearer in {@code header.Authorization}, nothing elsewhere */
    static Placement parse(String text, @Nullable String prefix) {
        int dot = text.indexOf('.');
        String name = text.substring(dot + 1).strip();
        for (Kind kind : Kind.values()) {
            if (dot > 0
                    && !name.isEmpty()
                    && text.substring(0, dot).equals(kind.name().toLowerCase(Locale.ROOT))) {
                if (prefix != null && kind != Kind.HEADER) {
                    throw new IllegalArgumentException("auth: 'prefix' is for a header only");
                }
                boolean usual = kind == Kind.HEADER && name.equalsIgnoreCase("Authorization");
                String plain = kind == Kind.BODY && name.startsWith("$.") ? name.substring(2) : name;
                return new Placement(kind, plain, prefix != null ? prefix.strip() : usual ? "Bearer" : "");
            }
        }
        throw new IllegalArgumentException(
                "auth: '%s' is no place, write header.X-Token, query.token, cookie.sid or body.token".formatted(text));
    }

    /** Returns {@code request} with {@code value} there, in place of what may be there. */
    Request put(Request request, String value) {
        return switch (kind) {
            case HEADER -> request.withHeader(name, prefix.isEmpty() ? value : prefix + " " + value);
            case QUERY -> request.withQuery(name, value);
            case COOKIE -> request.withHeader("Cookie", cookies(request, value));
            case BODY -> request.withBody(body(request, value));
        };
    }

    /** Returns {@code request} with nothing there, if it is a parameter of the query. */
    Request clear(Request request) {
        if (kind != Kind.QUERY) {
            return request;
        }
        // Set last, it stands last.
        String query = put(request, "").uri().getRawQuery();
        String others = query.substring(0, Math.max(0, query.lastIndexOf('&')));
        return request.withUri(Uris.withRawQuery(request.uri(), others));
    }

    /** Tells whether {@code request} has {@code value} there. */
    boolean holds(Request request, String value) {
        Request with = put(request, value);
        return with.uri().equals(request.uri())
                && with.headers().equals(request.headers())
                && Arrays.equals(with.body(), request.body());
    }

    private String cookies(Request request, String value) {
        String others = header(request, "Cookie") == null
                ? ""
                : Arrays.stream(String.valueOf(header(request, "Cookie")).split(";", -1))
                        .map(String::strip)
                        .filter(each -> !each.isEmpty() && !each.startsWith(name + "="))
                        .map(each -> each + "; ")
                        .collect(Collectors.joining());
        return others + name + "=" + value;
    }

    private byte[] body(Request request, String value) {
        byte[] body = request.body();
        if (body == null) {
            throw unfit("the request has no body");
        }
        String type = String.valueOf(header(request, "Content-Type")).toLowerCase(Locale.ROOT);
        return type.startsWith("application/x-www-form-urlencoded") ? form(body, value) : json(body, value);
    }

    private byte[] form(byte[] body, String value) {
        String own = Uris.encodeQuery(name);
        return Stream.concat(
                        Arrays.stream(new String(body, StandardCharsets.UTF_8).split("&"))
                                .filter(each -> !each.isEmpty() && !each.startsWith(own + "=")),
                        Stream.of(own + "=" + Uris.encodeQuery(value)))
                .collect(Collectors.joining("&"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] json(byte[] body, String value) {
        try {
            JsonNode tree = StrictJson.mapper().readTree(body);
            JsonNode at = tree;
            String[] steps = name.split("\\.", -1);
            for (int i = 0; i < steps.length - 1 && at instanceof ObjectNode object; i++) {
                at = object.withObjectProperty(steps[i]);
            }
            if (!(at instanceof ObjectNode object)) {
                throw unfit("the body is no JSON object");
            }
            object.put(steps[steps.length - 1], value);
            return StrictJson.mapper().writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw unfit("the body is neither a form nor JSON");
        } catch (IOException e) {
            throw new IllegalStateException("Bytes in memory can be read", e);
        }
    }

    private CredentialException unfit(String why) {
        return new CredentialException(Remedy.STOP, "The credential goes to body.%s, but %s".formatted(name, why));
    }

    private static @Nullable String header(Request request, String name) {
        return request.headers().entrySet().stream()
                .filter(each -> each.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + "." + name;
    }
}
