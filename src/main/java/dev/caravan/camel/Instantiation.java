package dev.caravan.camel;

import dev.caravan.Stream;
import dev.caravan.definition.StreamDefinition;
import java.util.LinkedHashMap;
import java.util.Map;

/** The parameters with which a stream instantiates its template. */
final class Instantiation {
    private Instantiation() {}

    /** Returns those that follow from the stream's settings, and those its file gives itself. */
    static Map<String, String> parameters(StreamDefinition stream) {
        Stream settings = stream.stream();
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("stream", stream.id());
        parameters.put("connection", stream.connection());
        parameters.put(
                "timeout",
                Long.toString(stream.settings().timeout().toDuration().toMillis()));
        String each = settings.each();
        if (each != null) {
            parameters.put("each", each);
            parameters.put("whole-pages", "false");
        }
        if (settings.hasLanes()) {
            parameters.put("one-lane", "false");
            parameters.put("several-lanes", "true");
        }
        parameters.putAll(stream.parameters());
        return parameters;
    }
}
