package dev.caravan.camel;

import dev.caravan.run.Gate;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;

/**
 * Open while a route may go on with its next page.
 *
 * <p>Asks the consumer, not the route: while a route is being stopped, its consumer is suspended first and the route
 * still says that it is started.
 */
final class ConsumerGate implements Gate {
    private final Route route;

    /** @param route that goes on, closed for good when it is removed */
    ConsumerGate(Route route) {
        this.route = route;
    }

    @Override
    public boolean isOpen() {
        return !(route.getConsumer() instanceof StatefulService service) || service.isStarted();
    }
}
