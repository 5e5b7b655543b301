package dev.caravan.sandbox;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A running sandbox: an HTTP server on 127.0.0.1 that answers as the vendors would. The first segment of a path is the
 * vendor's host, so {@code https://api.stripe.com/v1/charges} is at {@code /api.stripe.com/v1/charges}.
 *
 * <p>The control surface lies under {@code /_control}; its parameters stand in the query, its answers are JSON, a
 * mistake is a 400 with {@code {"error": text}}:
 *
 * <ul>
 *   <li>{@code POST /_control/edit?host=H&stream=S&id=I}: the row's next version. {@code &scope=owner/repo} where a
 *       stream belongs to a repository; for the weather, {@code stream=archive} or {@code forecast} and a date as id
 *   <li>{@code POST /_control/remove?host=H&stream=S&id=I}: the row is no longer listed; {@code scope} as above
 *   <li>{@code POST /_control/append?host=H&stream=S&rows=N}: N rows more at the end; {@code scope} as above
 *   <li>{@code POST /_control/fault?host=H&kind=K&times=N}: the next N answers (1) go wrong; {@code stream=S} or
 *       {@code path=/prefix} narrow it. Kinds are those of {@link Fault.Kind} in lower case: {@code status} takes
 *       {@code status=503} and the request's body as the body, {@code refusal} takes {@code name=rate_limit}, one of the
 *       vendor's errors, without which it is the one for whoever asks too often; every
 *       kind takes {@code delay=PT2S}, {@code retry-after=text} and {@code header=Name: value} (repeated)
 *   <li>{@code GET /_control/rows?host=H&stream=S}: what the vendor keeps of a stream now, the last changed last, each with
 *       {@code scope}, {@code id} and the {@code record} that its lists show; of lists that an address narrows, those that
 *       there are, or were asked for so far
 *   <li>{@code POST /_control/reset}: forgets edits, appended rows, faults, counts and used quota
 *   <li>{@code GET /_control/requests}: {@code counts} by host and path, how many were {@code refused}
 *       by host and error, and the {@code last} requests
 * </ul>
 *
 * <p>Safe for any number of threads.
 */
public final class Sandbox implements AutoCloseable {
    /** The day that all data begins with. */
    public static final Instant FIRST_DAY = Instant.parse("2026-01-01T00:00:00Z");

    /** The end of the day that all data ends with; only what a control call changes is later. */
    public static final Instant LAST_DAY_END = Instant.parse("2026-04-01T00:00:00Z");

    private static final int THREADS = 16;
    private static final int WAITING = 256;

    private final HttpServer server;
    private final ExecutorService pool;
    private final ScheduledExecutorService delays;
    private final Vendors vendors;
    private final Faults faults;

    private Sandbox(
            HttpServer server, ExecutorService pool, ScheduledExecutorService delays, Vendors vendors, Faults faults) {
        this.server = server;
        this.pool = pool;
        this.delays = delays;
        this.vendors = vendors;
        this.faults = faults;
    }

    /**
     * Starts a sandbox.
     *
     * @throws UncheckedIOException when the port is taken
     */
    public static Sandbox start(SandboxOptions options) {
        // The JDK's server sends head and body apart; without this each answer waits for the client's delayed ACK.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
        Vendors vendors = Vendors.read(options);
        Faults faults = new Faults();
        RequestLog log = new RequestLog();
        HttpServer server = bind(options.port());
        ExecutorService pool = pool();
        ScheduledExecutorService delays = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "sandbox-delays"));
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", new Reception(vendors, faults, log, new Deliveries(delays, pool), base));
        server.createContext("/_control/", new Control(vendors, faults, log));
        server.setExecutor(pool);
        server.start();
        return new Sandbox(server, pool, delays, vendors, faults);
    }

    /** The address of this sandbox, without a path. */
    public URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /**
     * Where the sandbox imitates an address of a vendor.
     *
     * @throws IllegalArgumentException when the address names no host
     */
    public URI address(URI vendorUrl) {
        if (vendorUrl.getHost() == null) {
            throw new IllegalArgumentException("An address without a host: " + vendorUrl);
        }
        String query = vendorUrl.getRawQuery() == null ? "" : "?" + vendorUrl.getRawQuery();
        return URI.create(base() + "/" + vendorUrl.getHost() + vendorUrl.getRawPath() + query);
    }

    /** The host under which a vendor is imitated whose installations each have one of their own; empty if it is not known. */
    public Optional<String> host(String vendor) {
        return vendors.host(vendor);
    }

    /** Whether there is somebody at a host of a vendor; a shop that is not there is answered as the vendor does, which is not enough. */
    public boolean imitates(String host) {
        return vendors.find(host)
                .filter(vendor -> vendor.imitates(host.toLowerCase(Locale.ROOT)))
                .isPresent();
    }

    /**
     * The key or token that a host accepts; empty text where it needs none.
     *
     * @throws IllegalArgumentException when the sandbox does not imitate the host
     */
    public String credential(String host) {
        return vendors.require(host).file().credential();
    }

    /**
     * The key file of the service account that a host of Google's knows, in JSON.
     *
     * @param tokens address of the host that gives tokens for it
     * @throws IllegalArgumentException when the sandbox does not imitate the host
     */
    public String keyFile(URI tokens) {
        return vendors.require(tokens.getHost()).file().tokens().account().keyFile(tokens.toString());
    }

    /** Lets the next {@code times} answers to paths of a host that begin with {@code path} go wrong. */
    public void fail(String host, String path, int times, Fault fault) {
        vendors.require(host);
        faults.schedule(new Faults.Target(host, "", path), fault, times);
    }

    /** Stops at once; requests under way are cut. May be called again. */
    @Override
    public void close() {
        server.stop(0);
        delays.shutdownNow();
        pool.shutdownNow();
    }

    private static HttpServer bind(int port) {
        try {
            return HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start the sandbox: port=" + port, e);
        }
    }

    /** When all are busy and enough wait, the server's own thread works too, and so accepts no more. */
    private static ExecutorService pool() {
        AtomicInteger count = new AtomicInteger();
        return new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                task -> daemon(task, "sandbox-" + count.incrementAndGet()),
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
