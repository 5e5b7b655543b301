package dev.caravan.camel;

import java.util.Map;
import java.util.Objects;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Finishes the route that a template made, for those who look at it in JMX and Hawtio.
 *
 * <p>Steps get the ids that they are counted under: Camel puts a prefix before them when it runs them, but not in the route
 * that it shows, so that Hawtio would find no count for any step. Steps that the stream has no use for are left out.
 */
final class RouteShape {
    private RouteShape() {}

    /** Settles the definition of a route that has not started. */
    static void settle(RouteDefinition route) {
        String prefix = Objects.requireNonNullElse(route.getNodePrefixId(), "");
        route.setNodePrefixId(null);
        settle(route, prefix, route.getTemplateParameters());
    }

    private static void settle(ProcessorDefinition<?> parent, String prefix, Map<String, Object> parameters) {
        parent.getOutputs().removeIf(step -> "true".equals(filled(step.getDisabled(), parameters)));
        for (ProcessorDefinition<?> step : parent.getOutputs()) {
            if (step instanceof OnExceptionDefinition) {
                continue; // shared by all routes
            }
            if (step.getId() != null) {
                step.setId(prefix + step.getId());
            }
            if (step instanceof ToDefinition to) {
                to.setUri(filled(to.getUri(), parameters));
            }
            settle(step, prefix, parameters);
        }
    }

    /** Returns the text, or the parameter's value if the text is nothing but one. */
    private static @Nullable String filled(@Nullable String text, Map<String, Object> parameters) {
        if (text == null || !text.startsWith("{{") || !text.endsWith("}}")) {
            return text;
        }
        Object value = parameters.get(text.substring(2, text.length() - 2));
        return value == null ? text : value.toString();
    }
}
