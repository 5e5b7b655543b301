package dev.caravan.camel;

import dev.caravan.run.LiveStream;
import dev.caravan.run.Run;
import dev.caravan.run.Streams;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;

/** Closes runs that never reached their last step. Bound as {@code caravanRuns}. Holds no state. */
public final class RunPolicy extends RoutePolicySupport {
    private final Streams streams;

    public RunPolicy(Streams streams) {
        this.streams = streams;
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        Run run = exchange.getProperty(Names.RUN, Run.class);
        if (run != null) {
            run.close(exchange.getException());
        }
    }

    /** A route that is stopped by hand may be started again, and then does what it was asked for meanwhile. */
    @Override
    public void onStop(Route route) {
        if (route.getCamelContext().isStopping()) {
            streams.find(route.getId()).ifPresent(LiveStream::leave);
        }
    }
}
