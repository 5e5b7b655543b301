package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.sink.SinkSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Where records of streams go that do not say it themselves: {@code caravan.sink}, written as a stream's {@code sink}. In a text,
 * names are separated by commas, and settings are of the form {@code {type: duckdb, file: shop.duckdb}}.
 */
final class DefaultSinks {
    private static final String SETTING = "caravan.sink";

    private static final ObjectMapper MAPPER = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private DefaultSinks() {}

    /** @throws UsageException if the setting is wrong, naming it and what would be right */
    static List<SinkSettings> of(Environment environment) {
        Optional<JsonNode> text = text(environment, SETTING);
        if (text.isPresent()) {
            return text.get().isArray() ? readAll(text.get()) : List.of(read(text.get()));
        }
        List<JsonNode> listed = Stream.iterate(0, place -> place + 1)
                .map(place -> SETTING + "[" + place + "]")
                .map(each -> text(environment, each).or(() -> settings(environment, each)))
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .toList();
        if (!listed.isEmpty()) {
            return readAll(listed);
        }
        return List.of(settings(environment, SETTING).map(DefaultSinks::read).orElseGet(SinkSettings::usual));
    }

    static SinkSettings read(JsonNode node) {
        try {
            return Objects.requireNonNull(MAPPER.treeToValue(node, SinkSettings.class));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    private static List<SinkSettings> readAll(Iterable<JsonNode> nodes) {
        List<SinkSettings> sinks = new ArrayList<>();
        nodes.forEach(node -> sinks.add(read(node)));
        return List.copyOf(sinks);
    }

    /** Returns what a property says by itself: names as texts, and settings in braces. */
    private static Optional<JsonNode> text(Environment environment, String property) {
        String text = environment.getProperty(property, "").strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.startsWith("{") || text.startsWith("[")) {
            try {
                return Optional.of(MAPPER.readTree(text));
            } catch (JsonProcessingException e) {
                throw wrong(e);
            }
        }
        List<String> names = Arrays.stream(text.split(",")).map(String::strip).toList();
        return Optional.of(names.size() == 1 ? TextNode.valueOf(text) : MAPPER.valueToTree(names));
    }

    /** Returns the settings below a property. */
    private static Optional<JsonNode> settings(Environment environment, String property) {
        Map<String, Object> settings = Binder.get(environment)
                .bind(property, Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of());
        return settings.isEmpty() ? Optional.empty() : Optional.of(MAPPER.valueToTree(settings));
    }

    private static UsageException wrong(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
                return new UsageException(SETTING + ": " + cause.getMessage());
            }
        }
        if (e instanceof UnrecognizedPropertyException unknown) {
            return new UsageException("%s: unknown setting '%s', known here: %s"
                    .formatted(SETTING, unknown.getPropertyName(), new TreeSet<>(unknown.getKnownPropertyIds())));
        }
        return new UsageException(SETTING + ": "
                + (e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage()));
    }
}
