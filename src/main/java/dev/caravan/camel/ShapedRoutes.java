package dev.caravan.camel;

import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategy;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;

/** Finishes each route that a template makes before it is started, see {@link RouteShape}. */
final class ShapedRoutes implements ModelLifecycleStrategy {
    private ShapedRoutes() {}

    /** Lets the routes of a context be finished, also those that come while it runs. */
    static void of(CamelContext context) {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        if (model.getModelLifecycleStrategies().stream().noneMatch(ShapedRoutes.class::isInstance)) {
            model.addModelLifecycleStrategy(new ShapedRoutes());
        }
    }

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        if (route.getTemplateParameters() != null) {
            RouteShape.settle(route);
        }
    }

    @Override
    public void onRemoveRouteDefinition(RouteDefinition route) {}

    @Override
    public void onAddRouteTemplateDefinition(RouteTemplateDefinition template) {}

    @Override
    public void onRemoveRouteTemplateDefinition(RouteTemplateDefinition template) {}
}
