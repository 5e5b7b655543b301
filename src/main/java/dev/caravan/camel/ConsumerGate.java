package dev.caravan.camel;

import dev.caravan.run.Gate;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;

/**
 * Open while a route may go on with its next page.
 *
 * <p>Asks the consumer, not the route: while a route is being stopped, its consumer is suspended first and the route
 * still says that it is started.
 */
final class ConsumerGate implements Gate {
    private final CamelContext context;
    private final String routeId;

    ConsumerGate(CamelContext context, String routeId) {
        this.context = context;
        this.routeId = routeId;
    }

    @Override
    public boolean isOpen() {
        Route route = context.getRoute(routeId);
        if (route == null) {
            return false;
        }
        Consumer consumer = route.getConsumer();
        return !(consumer instanceof StatefulService service) || service.isStarted();
    }
}
