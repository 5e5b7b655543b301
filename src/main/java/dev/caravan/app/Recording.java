package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Writes what a stream asked and what it was answered to {@code <folder>/<host>/<stream>-<number>.json}, secrets and personal
 * data masked, as stub mappings that WireMock reads and the sandbox answers from. A stream's recording takes the place of the
 * one before. Safe for any number of threads.
 *
 * <p>Left out are: headers of the request, parameters whose name or value is secret, and answers that were asked for again.
 */
final class Recording implements BiConsumer<Request, Answer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> OF_THE_WIRE = Set.of(
            "connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding", "trailer");

    private final Path folder;
    private final String stream;
    private final Redaction redaction;
    private final Masking masking;
    private int number;

    Recording(Path folder, String stream, Redaction redaction, Masking masking) {
        this.folder = folder;
        this.stream = stream;
        this.redaction = redaction;
        this.masking = masking;
    }

    @Override
    public synchronized void accept(Request request, Answer answer) {
        URI uri = request.uri();
        Path host = folder.resolve(uri.getHost().toLowerCase(Locale.ROOT));
        try {
            Files.createDirectories(host);
            if (number == 0) {
                deleteEarlier(host);
            }
            number++;
            Path file = host.resolve("%s-%04d.json".formatted(stream, number));
            Files.write(file, JSON.writer(new DefaultPrettyPrinter()).writeValueAsBytes(mapping(request, answer)));
        } catch (IOException e) {
            throw new UncheckedIOException("--record: %s cannot be written: %s".formatted(host, e.getMessage()), e);
        }
    }

    private void deleteEarlier(Path host) throws IOException {
        try (DirectoryStream<Path> earlier = Files.newDirectoryStream(host, stream + "-[0-9][0-9][0-9][0-9]*.json")) {
            for (Path file : earlier) {
                Files.delete(file);
            }
        }
    }

    private ObjectNode mapping(Request request, Answer answer) throws IOException {
        URI uri = request.uri();
        ObjectNode mapping = JSON.createObjectNode();
        mapping.put("name", "%s %d".formatted(stream, number));
        ObjectNode asked = mapping.putObject("request");
        asked.put("method", request.method());
        asked.put("urlPath", redaction.text(uri.getRawPath()));
        ObjectNode query = JSON.createObjectNode();
        ObjectNode metadata = JSON.createObjectNode();
        metadata.put("origin", uri.getScheme() + "://" + uri.getRawAuthority());
        ArrayNode secret = JSON.createArrayNode();
        parameters(uri).forEach((name, values) -> {
            if (isShown(name, values)) {
                query.set(name, matcher(values));
            } else {
                secret.add(name);
            }
        });
        if (!secret.isEmpty()) {
            metadata.set("secret", secret);
        }
        if (!query.isEmpty()) {
            asked.set("queryParameters", query);
        }
        byte[] body = request.body();
        if (body != null && body.length > 0) {
            String text = masking.text(new String(body, StandardCharsets.UTF_8), redaction);
            asked.putArray("bodyPatterns").addObject().put(isJson(text) ? "equalToJson" : "equalTo", text);
        }
        ObjectNode answered = mapping.putObject("response");
        answered.put("status", answer.status());
        ObjectNode headers = answered.putObject("headers");
        answer.headers().names().stream()
                .filter(name -> !OF_THE_WIRE.contains(name.toLowerCase(Locale.ROOT)) && !Redaction.isSecret(name))
                .forEach(name ->
                        answer.headers().first(name).ifPresent(value -> headers.put(name, redaction.text(value))));
        putBody(answered, answer.body());
        mapping.set("metadata", metadata);
        return mapping;
    }

    /** Returns the parameters, decoded. */
    private static Map<String, ArrayNode> parameters(URI uri) {
        Map<String, ArrayNode> parameters = new LinkedHashMap<>();
        String raw = uri.getRawQuery();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            if (!name.isEmpty()) {
                parameters.computeIfAbsent(name, none -> JSON.createArrayNode()).add(value);
            }
        }
        return parameters;
    }

    private boolean isShown(String name, ArrayNode values) {
        for (JsonNode value : values) {
            if (!redaction.text(value.asText()).equals(value.asText())) {
                return false;
            }
        }
        return !Redaction.isSecret(name);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static ObjectNode matcher(ArrayNode values) {
        ObjectNode matcher = JSON.createObjectNode();
        if (values.size() == 1) {
            return matcher.set("equalTo", values.get(0));
        }
        ArrayNode exactly = matcher.putArray("hasExactly");
        values.forEach(value -> exactly.addObject().set("equalTo", value));
        return matcher;
    }

    private void putBody(ObjectNode answered, byte[] body) throws IOException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            answered.put("base64Body", Base64.getEncoder().encodeToString(body));
            return;
        }
        answered.put("body", masking.text(text, redaction));
    }

    private static boolean isJson(String text) {
        try {
            return JSON.readTree(text).isContainerNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
