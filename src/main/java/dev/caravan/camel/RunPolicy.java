package dev.caravan.camel;

import dev.caravan.run.By;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Mode;
import dev.caravan.run.Run;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Closes runs that never reached their last step, and takes what Camel's own console does to a route for what an operator says
 * of its stream. Bound as {@code caravanRuns}. Holds no state.
 */
public final class RunPolicy extends RoutePolicySupport {
    private final Streams streams;
    private final Steering steering;
    private final SteeredRoutes routes;
    private final Supplier<By> who;

    /** @param who tells on whose behalf the calling thread acts */
    public RunPolicy(Streams streams, Steering steering, SteeredRoutes routes, Supplier<By> who) {
        this.streams = streams;
        this.steering = steering;
        this.routes = routes;
        this.who = who;
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        Run run = exchange.getProperty(Names.RUN, Run.class);
        if (run != null) {
            run.close(exchange.getException());
        }
    }

    @Override
    public void onStop(Route route) {
        if (route.getCamelContext().isStopping()) {
            streams.find(route.getId()).ifPresent(LiveStream::leave);
        } else {
            followed(route, Mode.STOPPED);
        }
    }

    @Override
    public void onSuspend(Route route) {
        followed(route, Mode.PAUSED);
    }

    @Override
    public void onResume(Route route) {
        followed(route, Mode.ACTIVE);
    }

    @Override
    public void onStart(Route route) {
        followed(route, Mode.ACTIVE);
    }

    private void followed(Route route, Mode mode) {
        // While the whole application starts or stops nobody says anything of a stream.
        if (!routes.isOurs() && route.getCamelContext().isStarted()) {
            steering.followed(route.getId(), mode, who.get());
        }
    }
}
