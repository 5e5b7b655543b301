package dev.caravan.camel;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;

/**
 * How the requests of streams reach their servers: over one pool of connections, with answers whose head is bounded and whose
 * whole has a deadline, and without HttpClient's own cleverness. Other endpoints, in steps of a user's own, are as Camel
 * makes them. Safe for any number of threads.
 */
public final class HttpTransport implements AutoCloseable {
    /** Links to next pages are long; without a bound a head of one endless line would fill the memory. */
    private static final int LONGEST_LINE = 64 * 1024;

    private static final int MOST_HEADERS = 500;

    private final PoolingHttpClientConnectionManager connections;
    private final ScheduledThreadPoolExecutor alarms;

    /** @param mostConnections open at once; a request never waits for one if no more requests are let through */
    public HttpTransport(int mostConnections) {
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
                .addExecInterceptorFirst("caravan-deadline", new Deadline(limit, alarms));
    }

    @Override
    public void close() {
        alarms.shutdownNow();
        connections.close();
    }
}
