package dev.caravan.app;

import dev.caravan.connection.auth.Login;
import dev.caravan.connection.auth.LoginSettings;
import dev.caravan.run.LiveStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gets a connection its first refresh token. */
@Command(
        name = "login",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Gets a connection of 'auth: {type: refresh-token}' its first refresh token, or a new one, and keeps it sealed.",
            "",
            "Prints the address at which a browser asks for consent, and waits on this machine for the browser to come back"
                    + " (authorization code with PKCE). Processes that run go on with the new token at once."
        },
        footer = {
            "",
            "Examples:",
            "  login gmail            with a browser on this machine",
            "  login gmail --paste    with a browser elsewhere: paste the address that it ends at",
            "  login gmail --device   with a code to type in on another device",
            "  login gmail --token    with a refresh token that you have already"
        })
final class LoginCommand implements Callable<Integer> {
    private static final URI ANY_PORT = URI.create("http://127.0.0.1:0/callback");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Launcher launcher;

    @Parameters(paramLabel = "CONNECTION", description = "Connection, as in 'streams'")
    private String connection = "";

    @Option(names = "--device", description = "Show a code to type in on another device (RFC 8628)")
    private boolean device;

    @Option(names = "--paste", description = "Paste the address that the browser ends at, or the code in it")
    private boolean paste;

    @Option(names = "--token", description = "Paste a refresh token; it is tried before it is kept")
    private boolean token;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port of this machine that the browser comes back to; any that is free by default")
    private @Nullable Integer port;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    LoginCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if ((device ? 1 : 0) + (paste ? 1 : 0) + (token ? 1 : 0) > 1) {
            throw new UsageException("--device, --paste and --token are three ways to log in, choose one");
        }
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            LiveStream stream = CredentialsCommand.streamOf(session, connection);
            Login login = session.get(Connections.class).login(stream.definition());
            LoginSettings settings =
                    stream.definition().settings().auth().login().orElseThrow();
            if (token) {
                login.accept(GivenSecrets.typed("Refresh token of " + connection));
            } else if (device || (settings.url() == null && settings.device() != null)) {
                byDevice(login);
            } else {
                byBrowser(login, settings);
            }
            out().println("%s is logged in; 'check %s' asks it once".formatted(connection, connection));
            return 0;
        }
    }

    private void byBrowser(Login login, LoginSettings settings) throws InterruptedException, IOException {
        URI wanted = settings.redirect() == null ? ANY_PORT : settings.redirect();
        if (port != null) {
            wanted = URI.create("http://%s:%d%s".formatted(wanted.getHost(), port, wanted.getPath()));
        }
        if (paste || !wanted.getHost().matches("127\\.0\\.0\\.1|localhost|\\[::1]")) {
            say(login.consent(wanted), "then paste the address that it ends at, or the code it shows");
            login.code(pasted(GivenSecrets.typed("Address or code"), login.state()), wanted);
            return;
        }
        try (LoopbackRedirect redirect = new LoopbackRedirect(wanted, login.state())) {
            say(login.consent(redirect.address()), "it comes back here by itself (--paste if it runs elsewhere)");
            login.code(redirect.await(PATIENCE), redirect.address());
        }
    }

    private void say(URI address, String then) {
        out().println("Open this address in a browser; %s:%n%n  %s%n".formatted(then, address));
        out().flush();
    }

    static String pasted(String text, String state) {
        return text.startsWith("http") ? LoopbackRedirect.code(URI.create(text), state) : text;
    }

    private void byDevice(Login login) throws InterruptedException {
        Login.Device asked = login.device();
        out().println("Open %s on any device and type in: %s".formatted(asked.address(), asked.userCode()));
        out().flush();
        Duration left = asked.patience();
        Optional<Duration> pause = Optional.of(asked.interval());
        while (pause.isPresent()) {
            if (left.isNegative() || left.isZero()) {
                throw new UsageException("The code has expired; begin again");
            }
            Thread.sleep(pause.get().toMillis());
            left = left.minus(pause.get());
            pause = login.poll(asked, pause.get());
        }
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }
}
