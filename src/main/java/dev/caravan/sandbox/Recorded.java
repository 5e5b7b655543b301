package dev.caravan.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer as a vendor once gave it, in the form of WireMock's stub mappings: {@code request.method},
 * {@code urlPath}, {@code queryParameters.<name>.equalTo} or {@code hasExactly}, {@code bodyPatterns}; {@code response.status},
 * {@code headers}, {@code body} or {@code base64Body}. {@code metadata.origin} is what addresses in the answer begin with,
 * {@code metadata.secret} names parameters that were left out.
 *
 * <p>Immutable.
 */
final class Recorded {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final String method;
    private final String path;
    private final List<Query.Parameter> query;
    private final String body;
    private final String origin;
    private final Set<String> secret;
    private final int status;
    private final Map<String, String> headers;
    private final byte[] answer;

    /**
     * @param metadata the JSON of {@code metadata}
     * @param answer the JSON of {@code response}
     */
    private Recorded(
            String method, String path, List<Query.Parameter> query, String body, JsonNode metadata, JsonNode answer) {
        this.method = method;
        this.path = path;
        this.query = sorted(query);
        this.body = body;
        this.origin = metadata.path("origin").asText();
        this.secret = StreamSupport.stream(metadata.path("secret").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.toUnmodifiableSet());
        this.status = answer.path("status").asInt();
        Map<String, String> all = new LinkedHashMap<>();
        answer.path("headers")
                .properties()
                .forEach(each -> all.put(each.getKey(), each.getValue().asText()));
        this.headers = all;
        this.answer = bytes(answer);
    }

    /**
     * Reads a recording.
     *
     * @throws IllegalArgumentException saying what is missing or wrong in it
     */
    static Recorded read(byte[] file) {
        JsonNode root;
        try {
            root = JSON.readTree(new String(file, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
        }
        JsonNode request = root.path("request");
        JsonNode response = root.path("response");
        String path = request.path("urlPath").asText();
        if (!path.startsWith("/") || !response.path("status").isInt()) {
            throw new IllegalArgumentException("it needs request.urlPath, which begins with /, and response.status");
        }
        List<Query.Parameter> query = new ArrayList<>();
        request.path("queryParameters").properties().forEach(each -> {
            JsonNode exactly = each.getValue().path("hasExactly");
            for (JsonNode one : exactly.isArray() ? exactly : List.of(each.getValue())) {
                query.add(new Query.Parameter(each.getKey(), one.path("equalTo").asText()));
            }
        });
        JsonNode pattern = request.path("bodyPatterns").path(0);
        return new Recorded(
                request.path("method").asText("GET"),
                decoded(path),
                query,
                pattern.path("equalToJson").asText(pattern.path("equalTo").asText()),
                root.path("metadata"),
                response);
    }

    private static String decoded(String path) {
        try {
            return URI.create("http://recorded.invalid" + path).getPath();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("request.urlPath '%s' is no path".formatted(path), e);
        }
    }

    private static byte[] bytes(JsonNode response) {
        try {
            return response.has("base64Body")
                    ? Base64.getDecoder().decode(response.path("base64Body").asText())
                    : response.path("body").asText().getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("response.base64Body is not Base64", e);
        }
    }

    private static List<Query.Parameter> sorted(List<Query.Parameter> query) {
        return query.stream()
                .sorted((one, other) -> {
                    int names = one.name().compareTo(other.name());
                    return names != 0 ? names : one.value().compareTo(other.value());
                })
                .toList();
    }

    /** Whether this answers a request. */
    boolean answers(Ask ask) {
        return method.equals(ask.method())
                && path.equals(ask.path())
                && query.equals(shown(ask))
                && (body.equals(ask.body()) || isSameJson(body, ask.body()));
    }

    /** Returns how much of a request this differs in; a smaller number is nearer. */
    int distance(Ask ask) {
        List<Query.Parameter> asked = shown(ask);
        List<Query.Parameter> differing = new ArrayList<>(query);
        differing.addAll(asked);
        differing.removeIf(each -> query.contains(each) && asked.contains(each));
        return (path.equals(ask.path()) ? 0 : 10_000) + (method.equals(ask.method()) ? 0 : 1_000) + differing.size();
    }

    private List<Query.Parameter> shown(Ask ask) {
        return sorted(ask.query().parameters().stream()
                .filter(each -> !secret.contains(each.name()) && !each.value().equals(RecordedApi.CREDENTIAL))
                .toList());
    }

    private static boolean isSameJson(String one, String other) {
        JsonNode first = tree(one);
        return first != null && first.equals(tree(other));
    }

    private static @Nullable JsonNode tree(String text) {
        try {
            return text.isEmpty() ? null : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** Returns the answer, addresses of the vendor in it replaced by those of the sandbox. */
    Answer answerFrom(String sandbox) {
        Map<String, String> moved = new LinkedHashMap<>(headers);
        moved.replaceAll((name, value) -> moved(value, sandbox));
        JsonBuffer sent = new JsonBuffer(answer.length + 64);
        if (origin.isEmpty()) {
            sent.raw(answer);
        } else {
            // One byte is one sign here, so that what is no text passes as it is.
            String text = new String(answer, StandardCharsets.ISO_8859_1);
            sent.raw(moved(text, sandbox).getBytes(StandardCharsets.ISO_8859_1));
        }
        return new Answer(status, moved, sent);
    }

    private String moved(String text, String sandbox) {
        return origin.isEmpty()
                ? text
                : text.replace(origin, sandbox).replace(origin.replace("/", "\\/"), sandbox.replace("/", "\\/"));
    }

    /** Shows what it is asked by. */
    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() ? "" : "?" + new Query(query).encoded())
                + (body.isEmpty() ? "" : " " + body);
    }
}
