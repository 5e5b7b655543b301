package dev.caravan.app;

import dev.caravan.Connection;
import dev.caravan.commit.Origin;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.auth.Auth;
import dev.caravan.connection.auth.AuthContext;
import dev.caravan.connection.auth.Login;
import dev.caravan.connection.auth.TokenTransport;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.run.LiveConnection;
import dev.caravan.sandbox.Sandbox;
import dev.caravan.sandbox.SandboxOptions;
import dev.caravan.secret.SecretStore;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The connections of this process, and the sandbox behind those that pull from it. Streams of one connection get the same
 * one, and with it the same quota. Safe for any number of threads.
 */
final class Connections implements AutoCloseable {
    private final CaravanOptions options;
    private final Limiter process;
    private final TokenTransport transport;
    private final SecretStore secrets;
    private final Clock clock;
    private final Map<String, LiveConnection> live = new HashMap<>();
    private @Nullable Sandbox sandbox;

    Connections(CaravanOptions options, Limiter process, TokenTransport transport, SecretStore secrets, Clock clock) {
        this.options = options;
        this.transport = transport;
        this.secrets = secrets;
        this.process = process;
        this.clock = clock;
    }

    /** Returns the connection of a stream; one whose file was edited takes the place of the one before. */
    synchronized LiveConnection live(StreamDefinition stream) {
        LiveConnection known = live.get(stream.connection());
        if (known != null && known.settings().equals(stream.settings())) {
            return known;
        }
        LiveConnection made = connect(stream, limiter(stream.settings(), known));
        live.put(stream.connection(), made);
        return made;
    }

    /** Returns what a stream would pull from; nobody else gets it. */
    synchronized LiveConnection trial(StreamDefinition stream) {
        LiveConnection known = live.get(stream.connection());
        return known != null && known.settings().equals(stream.settings())
                ? known
                : connect(stream, new Limiter(stream.settings().limits(), process, clock));
    }

    /** What the vendor has counted and asked for is not forgotten because somebody edits a file. */
    private Limiter limiter(Connection settings, @Nullable LiveConnection before) {
        if (before != null && before.settings().limits().equals(settings.limits())) {
            return before.limiter();
        }
        Limiter limiter = new Limiter(settings.limits(), process, clock);
        if (before != null) {
            before.limiter().held().ifPresent(hold -> limiter.holdUntil(hold.until(), hold.reason()));
        }
        return limiter;
    }

    private LiveConnection connect(StreamDefinition stream, Limiter limiter) {
        Connection settings = stream.settings();
        AuthContext context = context(stream, limiter);
        Auth own = settings.auth().auth(context);
        List<String> needs = settings.needs();
        boolean stub = options.sandboxMode().covers(own.configured() && needs.isEmpty());
        Origin origin = stub ? Origin.STUB : Origin.REAL;
        UnaryOperator<URI> address = UnaryOperator.identity();
        Auth auth = own;
        String obstacle = null;
        if (!own.configured()) {
            obstacle = withoutCredential(stream);
        } else if (!needs.isEmpty()) {
            obstacle =
                    "the connection '%s' lacks the setting %s".formatted(stream.connection(), String.join(", ", needs));
        }
        if (stub) {
            Sandbox running = sandbox();
            String written = settings.url().getHost();
            String host = running.imitates(written)
                    ? written
                    : running.host(stream.vendor()).orElse(written);
            if (running.imitates(host)) {
                address = uri -> running.address(written.equals(uri.getHost()) ? withHost(uri, host) : uri);
                auth = settings.auth().withCredential(running.credential(host)).auth(context);
                obstacle = null;
            } else {
                obstacle =
                        "the sandbox does not imitate %s; start with caravan.sandbox=missing or off, or record its answers"
                                .formatted(host);
            }
        }
        return new LiveConnection(
                stream.connection(),
                stream.vendor(),
                origin,
                settings,
                auth,
                secrets,
                limiter,
                new Outcomes(settings.outcomes(), Redaction.of(auth::secrets), clock),
                origins(settings, address),
                address,
                obstacle);
    }

    /** An installation of one's own is imitated at the host that stands for all of them. */
    private static URI withHost(URI uri, String host) {
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return URI.create("https://" + host + uri.getRawPath() + query);
    }

    private static String withoutCredential(StreamDefinition stream) {
        String unset = String.join(", ", stream.unset());
        return "the connection '%s' has no credential%s"
                .formatted(stream.connection(), unset.isEmpty() ? "" : "; set " + unset);
    }

    /** Begins a login for the connection of {@code stream}. */
    Login login(StreamDefinition stream) {
        return Login.of(stream.settings().auth(), context(stream, live(stream).limiter()));
    }

    private AuthContext context(StreamDefinition stream, Limiter limiter) {
        return new AuthContext(stream.connection(), counted(stream.settings(), limiter), secrets, clock);
    }

    /** Requests for tokens take their place in the quota of the server that they go to. */
    private TokenTransport counted(Connection settings, Limiter limiter) {
        Origins own = origins(settings, UnaryOperator.identity());
        return request -> {
            Ask ask = new Ask("token", request.method(), request.uri().getPath(), 1, true);
            (own.isOwn(request.uri()) ? limiter : process).count(ask);
            return transport.send(request);
        };
    }

    private static Origins origins(Connection settings, UnaryOperator<URI> address) {
        return new Origins(address.apply(settings.url()), settings.hosts(), InetAddress::getAllByName);
    }

    private Sandbox sandbox() {
        Sandbox running = sandbox;
        if (running == null) {
            SandboxOptions wanted = SandboxOptions.defaults();
            if (options.sandboxRows() > 0) {
                wanted = wanted.withRows(options.sandboxRows());
            }
            if (options.sandboxLimits()) {
                wanted = wanted.withLimits(clock);
            }
            running = Sandbox.start(wanted.withPort(options.sandboxPort()).withRecordings(options.recordings()));
            sandbox = running;
        }
        return running;
    }

    @Override
    public synchronized void close() {
        if (sandbox != null) {
            sandbox.close();
        }
    }
}
