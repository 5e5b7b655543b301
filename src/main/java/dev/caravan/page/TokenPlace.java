package dev.caravan.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where in a request a page's token goes. */
sealed interface TokenPlace {
    /** Returns {@code request} with the token, in place of one that is there. */
    Request put(Request request, String token, boolean number);

    /** Returns what stands there. */
    Optional<String> get(Request request);

    record Query(String name) implements TokenPlace {
        @Override
        public Request put(Request request, String token, boolean number) {
            return request.withQuery(name, token);
        }

        @Override
        public Optional<String> get(Request request) {
            return Uris.queryValue(request.uri(), name);
        }
    }

    record Header(String name) implements TokenPlace {
        @Override
        public Request put(Request request, String token, boolean number) {
            return request.withHeader(name, token);
        }

        @Override
        public Optional<String> get(Request request) {
            return request.headers().entrySet().stream()
                    .filter(each -> each.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst();
        }
    }

    /**
     * A place in a JSON body, or a field of a form.
     *
     * @param steps fields by name, elements by number; of a form, its field
     */
    record Body(List<String> steps) implements TokenPlace {
        @Override
        public Request put(Request request, String token, boolean number) {
            byte[] body = request.body();
            if (isForm(request)) {
                String form = body == null ? "" : new String(body, StandardCharsets.UTF_8);
                return request.withBody(
                        Uris.withParameter(form, String.join(".", steps), token).getBytes(StandardCharsets.UTF_8));
            }
            try {
                JsonNode root = body == null
                        ? StrictJson.mapper().createObjectNode()
                        : StrictJson.mapper().readTree(body);
                JsonNode at = root;
                for (int i = 0; i < steps.size() - 1; i++) {
                    at = child(at, steps.get(i));
                }
                set(at, steps.get(steps.size() - 1), token, number);
                return request.withBody(StrictJson.mapper().writeValueAsBytes(root));
            } catch (IOException e) {
                throw new IllegalArgumentException("next: 'to' is in the body, and the body is not JSON", e);
            }
        }

        @Override
        public Optional<String> get(Request request) {
            byte[] body = request.body();
            if (body == null || isForm(request)) {
                return body == null
                        ? Optional.empty()
                        : Uris.queryValue(
                                URI.create("?" + new String(body, StandardCharsets.UTF_8)), String.join(".", steps));
            }
            return JsonPath.parse(String.join(".", steps)).textIn(body);
        }

        private static boolean isForm(Request request) {
            return request.headers().entrySet().stream()
                    .anyMatch(each -> each.getKey().equalsIgnoreCase("Content-Type")
                            && each.getValue().startsWith("application/x-www-form-urlencoded"));
        }

        private static JsonNode child(JsonNode parent, String step) {
            if (parent instanceof ArrayNode array) {
                JsonNode element = array.get(index(step));
                if (element == null) {
                    throw new IllegalArgumentException("next: the body has no element %s".formatted(step));
                }
                return element;
            }
            JsonNode child = parent.get(step);
            return child == null || child.isNull() ? object(parent, step).putObject(step) : child;
        }

        private static void set(JsonNode parent, String step, String token, boolean number) {
            JsonNode value = number
                    ? StrictJson.mapper().getNodeFactory().numberNode(Long.parseLong(token))
                    : StrictJson.mapper().getNodeFactory().textNode(token);
            if (parent instanceof ArrayNode array) {
                array.set(index(step), value);
            } else {
                object(parent, step).set(step, value);
            }
        }

        private static ObjectNode object(JsonNode parent, String step) {
            if (parent instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException("next: the body has no object to hold '%s'".formatted(step));
        }

        private static int index(String step) {
            return step.matches("\\d{1,6}") ? Integer.parseInt(step) : -1;
        }
    }

    /** One more segment at the end of the path. */
    record Path() implements TokenPlace {
        @Override
        public Request put(Request request, String token, boolean number) {
            if (token.equals(".") || token.equals("..")) {
                throw new PullException(Remedy.STOP, "next: the token '%s' is no segment of a path".formatted(token));
            }
            return request.withUri(Uris.withSegment(request.uri(), token));
        }

        @Override
        public Optional<String> get(Request request) {
            String path = request.uri().getPath();
            return Optional.of(path.substring(path.lastIndexOf('/') + 1));
        }
    }

    Pattern STEPS = Pattern.compile("[^.\\[\\]]+(\\.[^.\\[\\]]+|\\[\\d{1,6}])*");

    /**
     * Reads a place.
     *
     * @throws IllegalArgumentException if {@code text} names none
     */
    static TokenPlace parse(String text) {
        int dot = text.indexOf('.');
        String kind = dot < 0 ? text : text.substring(0, dot);
        String name = dot < 0 ? "" : text.substring(dot + 1);
        if (text.equals("path")) {
            return new Path();
        }
        if (kind.equals("query") && !name.isBlank()) {
            return new Query(name);
        }
        if (kind.equals("header") && name.matches("[\\w!#$%&'*+.^`|~-]+")) {
            return new Header(name);
        }
        if (kind.equals("body") && STEPS.matcher(name).matches()) {
            return new Body(List.of(name.replace("[", ".").replace("]", "").split("\\.", -1)));
        }
        throw new IllegalArgumentException(
                "next: 'to: %s' is no place, write query.<name>, header.<name>, body.<path>, path or url"
                        .formatted(text));
    }
}
