package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.sink.SinkSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Where records of streams go that do not say it themselves: {@code caravan.sink}, written as a stream's {@code sink}. Several
 * names are separated by commas.
 */
final class DefaultSinks {
    private static final String SETTING = "caravan.sink";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private DefaultSinks() {}

    /** @throws IllegalArgumentException if the setting is wrong, naming it and what would be right */
    static List<SinkSettings> of(Environment environment) {
        String names = environment.getProperty(SETTING);
        if (names != null && !names.isBlank()) {
            return Arrays.stream(names.split(","))
                    .map(name -> read(TextNode.valueOf(name.trim())))
                    .toList();
        }
        Map<String, String> settings = Binder.get(environment)
                .bind(SETTING, Bindable.mapOf(String.class, String.class))
                .orElse(Map.of());
        return settings.isEmpty() ? List.of(SinkSettings.usual()) : List.of(read(MAPPER.valueToTree(settings)));
    }

    static SinkSettings read(JsonNode node) {
        try {
            return Objects.requireNonNull(MAPPER.treeToValue(node, SinkSettings.class));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new IllegalArgumentException(SETTING + ": " + reason(e), e);
        }
    }

    private static String reason(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        return e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e.getMessage());
    }
}
