package dev.caravan.camel;

import dev.caravan.connection.Answer;
import dev.caravan.connection.BodyReader;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.connection.auth.TokenTransport;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * How the requests of streams reach their servers: over one pool of connections, with answers whose head is bounded and whose
 * whole has a deadline, and without HttpClient's own cleverness. Other endpoints, in steps of a user's own, are as Camel
 * makes them. Safe for any number of threads.
 */
public final class HttpTransport implements TokenTransport, AutoCloseable {
    /** Links to next pages are long; without a bound a head of one endless line would fill the memory. */
    private static final int LONGEST_LINE = 64 * 1024;

    private static final int MOST_HEADERS = 500;

    /** An answer with a token has a few kilobytes. */
    private static final int LARGEST_TOKEN_ANSWER = 1 << 20;

    private static final Duration TOKEN_DEADLINE = Duration.ofSeconds(60);
    private static final Timeout TOKEN_TIMEOUT = Timeout.ofSeconds(30);

    private final PoolingHttpClientConnectionManager connections;
    private final ScheduledThreadPoolExecutor alarms;
    private final EarlyAnswers early = new EarlyAnswers();
    private @Nullable CloseableHttpClient tokens;

    /**
     * @param mostRequests open at once; none waits for a connection if no more are let through. There may be twice as many
     *     connections: an answer that came early has its own until it is its turn
     */
    public HttpTransport(int mostRequests) {
        int mostConnections = 2 * mostRequests;
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxLineLength(LONGEST_LINE)
                                .setMaxHeaderCount(MOST_HEADERS)
                                .build())
                        .build())
                .setMaxConnTotal(mostConnections)
                .setMaxConnPerRoute(mostConnections)
                .build();
        this.alarms = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "caravan-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        alarms.setRemoveOnCancelPolicy(true);
    }

    /** Returns what an endpoint needs whose requests take {@code limit} at most. */
    HttpClientConfigurer within(Duration limit) {
        // HttpClient would repeat a 429 by itself, sleep as long as Retry-After says, and inflate without bounds.
        return builder -> builder.setConnectionManager(connections)
                .setConnectionManagerShared(true)
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .addExecInterceptorFirst("caravan-deadline", new Deadline(limit, alarms))
                .addExecInterceptorFirst("caravan-early", early);
    }

    /** Returns where the requests meet that are sent before a slice stands at their page. */
    EarlyAnswers early() {
        return early;
    }

    /** Requests for tokens go the same way as those of streams, over a client of their own; there are few of them. */
    @Override
    public Answer send(Request request) throws IOException {
        ClassicHttpRequest sent = new HttpUriRequestBase(request.method(), request.uri());
        request.headers().forEach(sent::setHeader);
        byte[] body = request.body();
        if (body != null) {
            // Its type is among the headers.
            sent.setEntity(new ByteArrayEntity(body, null));
        }
        return tokens().execute(sent, answer -> {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            for (Header each : answer.getHeaders()) {
                headers.computeIfAbsent(each.getName(), any -> new ArrayList<>())
                        .add(each.getValue());
            }
            Headers all = Headers.of(headers);
            try (InputStream content = answer.getEntity() == null
                    ? InputStream.nullInputStream()
                    : answer.getEntity().getContent()) {
                byte[] whole = new BodyReader(LARGEST_TOKEN_ANSWER).read(content, all, BodyReader.ANY_ROOM);
                return new Answer(answer.getCode(), all, whole);
            }
        });
    }

    private synchronized CloseableHttpClient tokens() {
        CloseableHttpClient known = tokens;
        if (known == null) {
            HttpClientBuilder builder = HttpClientBuilder.create()
                    .setDefaultRequestConfig(RequestConfig.custom()
                            .setConnectionRequestTimeout(TOKEN_TIMEOUT)
                            .setResponseTimeout(TOKEN_TIMEOUT)
                            .build());
            within(TOKEN_DEADLINE).configureHttpClient(builder);
            known = builder.build();
            tokens = known;
        }
        return known;
    }

    @Override
    public void close() {
        alarms.shutdownNow();
        connections.close();
    }
}
