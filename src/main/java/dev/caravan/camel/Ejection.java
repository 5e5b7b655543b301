package dev.caravan.camel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.definition.StreamDefinition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the plain route that a template makes of a stream, by filling the template's own source: what Camel dumps of a
 * running route cannot be loaded again.
 */
final class Ejection {
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build());

    private Ejection() {}

    /**
     * @param templates texts of the files of which one has the stream's template
     * @param parameters with which the stream instantiates it
     * @param others accounts of the vendor beside the stream's own that the same stream is pulled for
     */
    static String of(
            StreamDefinition stream,
            Collection<String> templates,
            Map<String, String> parameters,
            List<String> others) {
        try {
            for (String text : templates) {
                for (JsonNode item : YAML.readTree(text)) {
                    JsonNode template = item.path("routeTemplate");
                    if (template.path("id").asText().equals(stream.template())) {
                        return expanded(stream, (ObjectNode) template, parameters, others);
                    }
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The template '%s' cannot be read: %s".formatted(stream.template(), e.getOriginalMessage()), e);
        }
        throw new IllegalArgumentException("%s is a plain route of %s already: there is no template to expand"
                .formatted(stream.id(), stream.file()));
    }

    private static String expanded(
            StreamDefinition stream, ObjectNode template, Map<String, String> given, List<String> others)
            throws JsonProcessingException {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (JsonNode parameter : template.path("parameters")) {
            String name = parameter.path("name").asText();
            parameters.put(
                    name,
                    given.getOrDefault(name, parameter.path("defaultValue").asText()));
        }
        ObjectNode route = YAML.createObjectNode();
        route.put("id", stream.id());
        route.put("description", template.path("description").asText());
        route.setAll((ObjectNode) filled(template.path("route"), parameters, stream.id()));

        ObjectNode bean = YAML.createObjectNode();
        // A file names a stream by its vendor; for which account the route is, its settings say.
        bean.put("name", stream.vendor() + "-" + stream.name());
        bean.put("type", dev.caravan.Stream.class.getName());
        bean.set("properties", settings(stream, !others.isEmpty()));
        ArrayNode file = YAML.createArrayNode();
        file.addObject().putArray("beans").add(bean);
        file.addObject().set("route", route);
        String place = others.isEmpty()
                ? "in place of the stream's templatedRoute."
                : "beside the stream's templatedRoute, whose settings get 'accounts: [%s]'."
                        .formatted(String.join(", ", others));
        return "# " + stream.id() + ", ejected: its settings, and its route with every step written out.\n"
                + "# Put both in " + stream.file() + " " + place + "\n"
                + YAML.writeValueAsString(file);
    }

    private static JsonNode settings(StreamDefinition stream, boolean shared) {
        if (!shared && stream.connection().equals(stream.vendor())) {
            return stream.source();
        }
        ObjectNode settings = stream.source() instanceof ObjectNode own ? own.deepCopy() : YAML.createObjectNode();
        settings.putArray("accounts").add(stream.connection());
        return settings;
    }

    /** Fills parameters, gives steps the ids they have in an instance, and drops steps that are disabled. */
    private static JsonNode filled(JsonNode node, Map<String, String> parameters, String stream) {
        if (node instanceof ObjectNode object) {
            ObjectNode filled = YAML.createObjectNode();
            object.properties().forEach(field -> {
                if (field.getKey().equals("id")) {
                    filled.put("id", stream + "-" + field.getValue().asText());
                } else if (!field.getKey().equals("disabled")) {
                    filled.set(field.getKey(), filled(field.getValue(), parameters, stream));
                }
            });
            return filled;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = YAML.createArrayNode();
            for (JsonNode element : array) {
                if (!isDisabled(element, parameters)) {
                    filled.add(filled(element, parameters, stream));
                }
            }
            return filled;
        }
        return node instanceof TextNode text ? TextNode.valueOf(filled(text.textValue(), parameters)) : node;
    }

    private static boolean isDisabled(JsonNode step, Map<String, String> parameters) {
        JsonNode inner = step.isObject() && step.size() == 1 ? step.iterator().next() : step;
        return filled(inner.path("disabled").asText(), parameters).equals("true");
    }

    private static String filled(String text, Map<String, String> parameters) {
        String filled = text;
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            filled = filled.replace("{{" + parameter.getKey() + "}}", parameter.getValue());
        }
        return filled;
    }
}
