package dev.caravan.camel;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.run.Fetching;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpConstants;
import org.apache.camel.spi.Synchronization;

/**
 * Brings an answer back to the slice: the whole body is read here, within its bounds, and what it means is decided here, so
 * that a retry repeats request and judgement together. No header of an answer reaches the message of the route.
 *
 * <p>Bound as {@code caravanAnswer}. Stateless.
 */
final class AnswerStrategy implements AggregationStrategy {
    @Override
    public Exchange aggregate(Exchange original, Exchange answered) {
        Fetching fetching = StreamSteps.fetching(original);
        try {
            original.getMessage().setBody(page(fetching, answered));
            return original;
        } finally {
            fetching.left();
            release(answered);
            original.removeProperty(Exchange.SKIP_GZIP_ENCODING);
        }
    }

    private static byte @org.jspecify.annotations.Nullable [] page(Fetching fetching, Exchange answered) {
        Exception failure = answered.getException();
        if (failure != null) {
            answered.setException(null);
            throw fetching.unanswered(failure);
        }
        try (InputStream body = answered.getMessage().getBody(InputStream.class)) {
            Integer status = answered.getMessage().getHeader(HttpConstants.HTTP_RESPONSE_CODE, Integer.class);
            Answer answer = fetching.received(status == null ? 0 : status, headers(answered), body);
            return answer == null ? null : fetching.answered(answer);
        } catch (IOException e) {
            throw fetching.unanswered(e);
        }
    }

    private static Headers headers(Exchange answered) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        answered.getMessage().getHeaders().forEach((name, value) -> {
            if (!name.startsWith("Camel") && value != null) {
                headers.put(
                        name,
                        value instanceof List<?> many
                                ? many.stream().map(String::valueOf).toList()
                                : List.of(value.toString()));
            }
        });
        return Headers.of(headers);
    }

    /** Ends the answer now. Left to the exchange, the answers of a slice would pile up until its last page. */
    private static void release(Exchange answered) {
        List<Synchronization> completions = answered.getExchangeExtension().handoverCompletions();
        if (completions != null) {
            completions.forEach(completion -> completion.onComplete(answered));
        }
    }
}
