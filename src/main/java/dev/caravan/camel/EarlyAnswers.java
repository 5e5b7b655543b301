package dev.caravan.camel;

import dev.caravan.run.EarlyAnswer;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Where the two requests of a page that is asked for early meet: the step {@code fetch-ahead} sends it, and gets an empty
 * answer; the step {@code fetch}, when the slice stands there, gets what came, and sends nothing. They find each other by a
 * header that never leaves this process.
 *
 * <p>As a processor, bound as {@code caravanAhead}, it makes the message of {@code fetch-ahead}. Safe for any number of
 * threads.
 */
final class EarlyAnswers implements Processor, ExecChainHandler {
    private static final String SEND = "caravan-send-early";
    private static final String TAKE = "caravan-take-early";

    private final Map<String, EarlyAnswer> known = new ConcurrentHashMap<>();

    @Override
    public void process(Exchange copy) {
        EarlyAnswer early = Objects.requireNonNull(
                StreamSteps.slice(copy).early(), "Nothing to ask for ahead: the predicate 'asksAhead' comes first");
        StreamSteps.put(copy, early.request());
        known.put(early.name(), early);
        early.whenOver(() -> known.remove(early.name()));
        copy.getMessage().setHeader(SEND, early.name());
    }

    /** Has the request of a message bring what was asked for early. */
    static void take(Message message, EarlyAnswer early) {
        message.setHeader(TAKE, early.name());
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        String sent = taken(request, SEND);
        String taken = taken(request, TAKE);
        if (sent != null) {
            send(known.get(sent), request, scope, chain);
            return new BasicClassicHttpResponse(HttpStatus.SC_NO_CONTENT);
        }
        EarlyAnswer early = taken == null ? null : known.get(taken);
        Closeable answer = early == null ? null : early.take();
        return answer instanceof ClassicHttpResponse response ? response : chain.proceed(request, scope);
    }

    private static @Nullable String taken(ClassicHttpRequest request, String name) {
        Header header = request.getFirstHeader(name);
        request.removeHeaders(name);
        return header == null ? null : header.getValue();
    }

    /** Whatever happens to it is for the slice, when it stands there. */
    private static void send(
            @Nullable EarlyAnswer early, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain) {
        if (early == null || !early.begin(() -> Deadline.disconnect(scope))) {
            return; // the slice stands there already
        }
        try {
            early.arrived(chain.proceed(request, scope));
        } catch (IOException e) {
            early.failed(e);
        } catch (HttpException | RuntimeException e) {
            early.failed(new IOException(e.getMessage(), e));
        }
    }
}
