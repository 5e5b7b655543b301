package dev.caravan.camel;

import dev.caravan.run.Run;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;

/** Closes runs that never reached their last step. Bound as {@code caravanRuns}. Stateless. */
public final class RunPolicy extends RoutePolicySupport {
    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        Run run = exchange.getProperty(Names.RUN, Run.class);
        if (run != null) {
            run.close(exchange.getException());
        }
    }
}
