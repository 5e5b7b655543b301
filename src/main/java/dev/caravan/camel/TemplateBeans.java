package dev.caravan.camel;

import static java.util.Map.entry;

import dev.caravan.run.Streams;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.support.ExpressionAdapter;

/** What the template of streams, and its configuration, refer to by name: all of it begins with {@code caravan}. */
public final class TemplateBeans {
    private TemplateBeans() {}

    /** Gives a context these beans, before the first route is made. */
    public static void bind(CamelContext context, Streams streams, HttpTransport transport, RunPolicy runs) {
        StreamSteps steps = new StreamSteps(streams);
        Retries retries = new Retries();
        Map.<String, Object>ofEntries(
                        // Methods of a bean, and expressions with arguments, would cost a look through a class for each
                        // step of each route.
                        entry("caravanOpen", (Processor) steps::open),
                        entry("caravanOpened", expression(StreamSteps::opened)),
                        entry("caravanUnfinished", (Predicate) StreamSteps::unfinished),
                        entry("caravanMore", (Predicate) StreamSteps::more),
                        entry("caravanAsks", (Predicate) StreamSteps::asks),
                        entry("caravanRequest", (Processor) StreamSteps::request),
                        entry("caravanSpread", expression(StreamSteps::spread)),
                        entry("caravanLaneMore", (Predicate) StreamSteps::laneMore),
                        entry("caravanGathered", (Processor) StreamSteps::gathered),
                        entry("caravanRead", (Processor) StreamSteps::read),
                        entry("caravanAsksAhead", (Predicate) StreamSteps::asksAhead),
                        entry("caravanInside", (Predicate) StreamSteps::inside),
                        entry("caravanName", expression(StreamSteps::name)),
                        entry("caravanRecords", expression(StreamSteps::records)),
                        entry("caravanKeep", (Processor) StreamSteps::keep),
                        entry("caravanTurn", (Processor) StreamSteps::turn),
                        entry("caravanWrite", (Processor) StreamSteps::write),
                        entry("caravanCommit", (Processor) StreamSteps::commit),
                        entry("caravanClose", (Processor) StreamSteps::close),
                        entry("caravanMade", new MadeStrategy()),
                        entry("caravanAhead", transport.early()),
                        entry("caravanAnswer", new AnswerStrategy()),
                        entry("caravanLanes", new LaneStrategy()),
                        entry("caravanSlices", new SliceStrategy()),
                        entry("caravanKept", new KeptStrategy()),
                        entry("caravanSeen", new SeenRepository()),
                        entry("caravanRetries", retries),
                        entry("caravanWorthwhile", (Predicate) retries::worthwhile),
                        entry("caravanAnother", (Predicate) retries::another),
                        entry("caravanAgain", Retries.again()),
                        entry("caravanRuns", runs))
                .forEach(context.getRegistry()::bind);
    }

    private static Expression expression(Function<Exchange, Object> value) {
        return new ExpressionAdapter() {
            @Override
            public Object evaluate(Exchange exchange) {
                return value.apply(exchange);
            }
        };
    }
}
