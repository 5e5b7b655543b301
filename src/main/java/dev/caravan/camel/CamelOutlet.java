package dev.caravan.camel;

import dev.caravan.sink.Outlet;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.SensitiveUtils;
import org.jspecify.annotations.Nullable;

/** Sends to endpoints of the application's own context. */
public final class CamelOutlet implements Outlet {
    private final Supplier<CamelContext> context;
    private @Nullable ProducerTemplate template;

    /** @param context asked for when it is needed: sinks are made before it starts */
    public CamelOutlet(Supplier<CamelContext> context) {
        this.context = context;
    }

    @Override
    public void check(String uri) {
        String scheme = uri.substring(0, uri.indexOf(':'));
        if (context.get().getComponent(scheme, true, false) == null) {
            throw new IllegalArgumentException(
                    "sink: uri '%s': there is no component '%s' of Camel here; put the jar of camel-%2$s and those it needs on the class path: java -cp 'caravan.jar:lib/*' dev.caravan.app.Caravan"
                            .formatted(uri, scheme));
        }
    }

    @Override
    public Way open(String uri, Map<String, String> parameters) {
        try {
            Endpoint endpoint = parameters.isEmpty()
                    ? context.get().getEndpoint(uri)
                    : context.get().getEndpoint(uri, new TreeMap<>(parameters));
            if (endpoint == null) {
                throw new RefusedException("there is no such endpoint");
            }
            ProducerTemplate way = template();
            return (body, headers) -> send(way, endpoint, parameters, body, headers);
        } catch (RefusedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw refused(e, parameters);
        }
    }

    private static void send(
            ProducerTemplate way,
            Endpoint endpoint,
            Map<String, String> parameters,
            Object body,
            Map<String, String> headers) {
        Exchange exchange = endpoint.createExchange(ExchangePattern.InOnly);
        exchange.getMessage().setBody(body);
        headers.forEach(exchange.getMessage()::setHeader);
        Exception failure = way.send(endpoint, exchange).getException();
        if (failure != null) {
            throw refused(failure, parameters);
        }
    }

    private synchronized ProducerTemplate template() {
        ProducerTemplate known = template;
        if (known == null) {
            known = context.get().createProducerTemplate();
            template = known;
        }
        return known;
    }

    /** The innermost cause says most. Values that go by the name of a secret are not shown, nor is any other long one in a bad option. */
    private static RefusedException refused(Exception failure, Map<String, String> parameters) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        for (Map.Entry<String, String> each : parameters.entrySet()) {
            boolean secret = SensitiveUtils.containsSensitive(each.getKey().toLowerCase(Locale.ROOT));
            if (!each.getValue().isEmpty() && (secret || text.contains(each.getKey() + "=" + each.getValue()))) {
                text = text.replace(each.getValue(), "xxxxxx");
            }
        }
        return new RefusedException(text);
    }
}
