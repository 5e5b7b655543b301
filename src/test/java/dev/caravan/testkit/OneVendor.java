package dev.caravan.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One file of {@code routes/} and what belongs to it. Its streams begin with the sandbox's days, and pull as fast as they can:
 * what quotas do is tested with the quotas.
 */
public final class OneVendor {
    private static final Path ROUTES = Path.of("routes");
    private static final String ENDING = ".camel.yaml";

    private OneVendor() {}

    /** Writes them into a folder, and returns that. */
    public static Path in(Path to, String vendor) throws IOException {
        try (var files = Files.walk(ROUTES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean vendors = ROUTES.relativize(file).getNameCount() == 1
                        && file.toString().endsWith(ENDING);
                Path copy = to.resolve(ROUTES.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                if (file.endsWith(vendor + ENDING)) {
                    Files.writeString(copy, prepared(Files.readString(file)));
                } else if (!vendors) {
                    Files.copy(file, copy);
                }
            }
        }
        return to;
    }

    private static String prepared(String yaml) {
        try {
            ObjectMapper mapper = new YAMLMapper();
            ArrayNode file = (ArrayNode) mapper.readTree(yaml);
            for (JsonNode part : file) {
                for (JsonNode bean : part.path("beans")) {
                    if (bean.path("properties") instanceof ObjectNode connection) {
                        hurried(connection);
                    }
                }
                if (part.path("templatedRoute") instanceof ObjectNode route) {
                    ArrayNode parameters = route.withArray("parameters");
                    parameters.addObject().put("name", "tick").put("value", "20");
                    parameters.addObject().put("name", "first-tick").put("value", "1");
                }
                for (JsonNode bean : part.path("templatedRoute").path("beans")) {
                    if (bean.path("properties") instanceof ObjectNode stream) {
                        begun(stream);
                    }
                }
            }
            return mapper.writeValueAsString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void hurried(ObjectNode connection) {
        ArrayNode quotas = connection.arrayNode();
        quotas.addObject().put("rate", 10_000).put("per", "1s");
        connection.path("quotas").forEach(quota -> {
            if (quota.has("learn")) {
                quotas.add(quota);
            }
        });
        connection.set("quotas", quotas);
    }

    private static void begun(ObjectNode stream) {
        if (!stream.has("start")
                && !stream.path("cursor").has("token")
                && !stream.path("cursor").path("format").asText().equals("number")) {
            stream.put("start", "2026-01-01");
        }
    }
}
