package dev.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** The run summaries that {@code pull --json} prints, by stream. */
public record Summaries(Map<String, JsonNode> byStream) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Fails if standard output holds anything but one object for each stream. */
    public static Summaries of(CaravanProcess.Ended ended) {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        ended.out().lines().forEach(line -> {
            try {
                JsonNode summary = JSON.readTree(line);
                assertThat(all.put(summary.path("stream").asText(), summary))
                        .as("a second summary: %s", line)
                        .isNull();
            } catch (JsonProcessingException e) {
                throw new AssertionError("Not a summary on standard output: " + line, e);
            }
        });
        return new Summaries(all);
    }

    public JsonNode of(String stream) {
        assertThat(byStream).containsKey(stream);
        return byStream.get(stream);
    }

    public String status(String stream) {
        return of(stream).path("status").asText();
    }

    public String error(String stream) {
        return of(stream).path("error").asText("");
    }
}
