package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/** How texts and streams become routes of a context, and go again; the application's own or a scratch one. */
final class RouteLoading {
    /** Most requests of one stream that are on their way at once: as many as of the whole process. */
    private static final int MOST_LANES = 200;

    private RouteLoading() {}

    static void loadText(CamelContext context, String name, String text) throws Exception {
        Resource resource = ResourceHelper.fromString(name, text);
        PluginHelper.getRoutesLoader(context).loadRoutes(resource);
        settleRedeliveries(context);
    }

    /** Reads the settings in redelivery policies once; Camel would do it for each step of each route that goes by them. */
    private static void settleRedeliveries(CamelContext context) {
        for (RouteConfigurationDefinition each : model(context).getRouteConfigurationDefinitions()) {
            for (OnExceptionDefinition on : each.getOnExceptions()) {
                RedeliveryPolicyDefinition policy = on.getRedeliveryPolicyType();
                if (policy != null) {
                    settle(context, policy::getRedeliveryDelay, policy::setRedeliveryDelay);
                    settle(context, policy::getMaximumRedeliveryDelay, policy::setMaximumRedeliveryDelay);
                    settle(context, policy::getMaximumRedeliveries, policy::setMaximumRedeliveries);
                    settle(context, policy::getBackOffMultiplier, policy::setBackOffMultiplier);
                }
            }
        }
    }

    private static void settle(CamelContext context, Supplier<@Nullable String> value, Consumer<String> settled) {
        String text = value.get();
        if (text != null) {
            settled.accept(context.resolvePropertyPlaceholders(text));
        }
    }

    /**
     * Gives a context what the route of a stream refers to by name.
     *
     * @param transport how its requests are sent; null where none is
     */
    static void bind(CamelContext context, StreamDefinition stream, @Nullable HttpTransport transport) {
        StreamBeans beans = StreamBeans.of(context);
        beans.bind(
                Names.slices(stream.id()),
                new SlicePool(stream.id(), stream.stream().parallel()));
        int width = stream.stream().lanes() * stream.stream().parallel();
        beans.bind(Names.lanes(stream.id()), new SlicePool(stream.id() + "-lane", Math.min(width, MOST_LANES)));
        if (transport != null) {
            Duration deadline = stream.settings().deadline().toDuration();
            beans.bind(Names.http(stream.connection()), transport.within(deadline));
        }
        beans.bind(Names.format(stream.id()), new PageFormat());
    }

    /** Makes the route of a stream from its template, unless it is a plain route of its file. */
    static void instantiate(CamelContext context, StreamDefinition stream) {
        if (stream.template().isEmpty()) {
            return;
        }
        TemplatedRouteBuilder route = TemplatedRouteBuilder.builder(context, stream.template())
                .routeId(stream.id())
                .prefixId(stream.id() + "-");
        Instantiation.parameters(stream).forEach(route::parameter);
        route.add();
    }

    static Problem notMade(StreamDefinition stream, Throwable failure) {
        String cause = Mistakes.of(stream.file(), "", failure).message();
        return new Problem(
                stream.file(),
                stream.id(),
                "%s:%d: stream '%s': its route cannot be made from the template '%s': %s"
                        .formatted(
                                stream.file(),
                                stream.line(),
                                stream.id(),
                                stream.template(),
                                cause.replaceFirst("^[^ ]+: ", "")));
    }

    /** Returns the id of the route that a failure is about, "" if it does not say. */
    static String failedRoute(Throwable failure) {
        for (Throwable each = failure; each != null && each.getCause() != each; each = each.getCause()) {
            if (each instanceof FailedToCreateRouteException route && route.getRouteId() != null) {
                return route.getRouteId();
            }
        }
        return "";
    }

    private static Model model(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    static Set<String> routeIds(CamelContext context) {
        Set<String> ids = new LinkedHashSet<>();
        for (RouteDefinition route : model(context).getRouteDefinitions()) {
            if (route.getId() != null) {
                ids.add(route.getId());
            }
        }
        return ids;
    }

    /** Returns the lines of the routes of a context in their files, those of their {@code from}, by their ids. */
    static Map<String, List<Integer>> lines(CamelContext context) {
        Map<String, List<Integer>> lines = new LinkedHashMap<>();
        for (RouteDefinition route : model(context).getRouteDefinitions()) {
            if (route.getId() != null) {
                int line = Math.max(route.getLineNumber(), route.getInput().getLineNumber());
                lines.computeIfAbsent(route.getId(), id -> new ArrayList<>()).add(line);
            }
        }
        return lines;
    }

    /** Takes a route out of a running context; what is under way in it ends first. */
    static void remove(CamelContext context, String id) throws Exception {
        context.getRouteController().stopRoute(id);
        context.removeRoute(id);
        Model model = model(context);
        RouteDefinition definition = model.getRouteDefinition(id);
        if (definition != null) {
            model.removeRouteDefinition(definition);
        }
    }

    /** Takes all templates and route configurations out, for others that come in their place. */
    static void removeParts(CamelContext context) throws Exception {
        Model model = model(context);
        for (RouteTemplateDefinition each :
                model.getRouteTemplateDefinitions().toArray(RouteTemplateDefinition[]::new)) {
            model.removeRouteTemplateDefinition(each);
        }
        for (RouteConfigurationDefinition each :
                model.getRouteConfigurationDefinitions().toArray(RouteConfigurationDefinition[]::new)) {
            model.removeRouteConfiguration(each);
        }
    }

    /** The next request of the connection goes by its settings as they are now, not by those its client was made with. */
    static void forgetClients(CamelContext context, String connection) {
        String ours = "httpClientConfigurer=" + URLEncoder.encode("#" + Names.http(connection), StandardCharsets.UTF_8);
        context.getEndpoints().stream()
                .map(Endpoint::getEndpointUri)
                .filter(uri -> uri.contains(ours) || uri.contains("httpClientConfigurer=#" + Names.http(connection)))
                .toList()
                .forEach(uri -> {
                    try {
                        context.removeEndpoints(uri);
                    } catch (Exception e) {
                        throw new IllegalStateException("The client of " + connection + " cannot be removed", e);
                    }
                });
    }
}
