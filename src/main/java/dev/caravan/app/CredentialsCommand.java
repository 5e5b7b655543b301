package dev.caravan.app;

import dev.caravan.run.LiveStream;
import dev.caravan.secret.SecretEntry;
import dev.caravan.secret.SecretStore;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keeps secrets for connections, and says which are kept. Shows none. */
@Command(
        name = "credentials",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Keeps secrets of connections, sealed with AES-256-GCM, in state/credentials below caravan.data. A kept secret"
                    + " counts before the environment and application.yaml.",
            "",
            "The key is that of caravan.key (CARAVAN_KEY: 32 bytes in base64), of the file caravan.key-file, or of the file"
                    + " state/credentials/key, which is made when the first secret is kept."
        },
        footer = {
            "",
            "Examples:",
            "  credentials put acme token              asks for the token that {{acme.token}} stands for",
            "  credentials put acme token < token.txt  reads it from standard input",
            "  credentials validate acme               asks acme once with what there is"
        })
final class CredentialsCommand implements Callable<Integer> {
    private static final String CONNECTION = "Connection, as in 'streams'";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Launcher launcher;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    CredentialsCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        command.commandLine().usage(command.commandLine().getOut());
        return FailureReport.USAGE;
    }

    @Command(
            name = "put",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Keeps a secret, in place of one of the same name. It is typed in unseen, or read from standard input or"
                            + " a file; it never stands on the command line.")
    int put(
            @Parameters(paramLabel = "CONNECTION", description = CONNECTION) String connection,
            @Parameters(
                            paramLabel = "NAME",
                            description = "Setting it is for, without the connection: token for {{acme.token}}")
                    String name,
            @Option(names = "--file", paramLabel = "FILE", description = "Read it from there") @Nullable String file) {
        if (!NAME.matcher(name).matches() || !NAME.matcher(connection).matches()) {
            throw new UsageException(
                    "'%s' is no name of a setting: letters, digits, dots and dashes, such as token or client-secret"
                            .formatted(NAME.matcher(name).matches() ? connection : name));
        }
        String value = file == null
                ? GivenSecrets.typed("%s of %s".formatted(name, connection))
                : GivenSecrets.file(name, file);
        if (value.isEmpty()) {
            throw new UsageException("An empty secret is not kept");
        }
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            warnOfUnknown(session, connection);
            session.get(SecretStore.class).put(connection, name, value);
            out().println("Kept '%s' of %s".formatted(name, connection));
            return 0;
        }
    }

    /** Who sets up a connection may do so in any order. */
    private void warnOfUnknown(Session session, String connection) {
        List<String> known = session.streams().all().stream()
                .map(stream -> stream.connection().name())
                .distinct()
                .sorted()
                .toList();
        if (!known.contains(connection)) {
            command.commandLine()
                    .getErr()
                    .println("No stream belongs to a connection '%s' yet. There are: %s"
                            .formatted(connection, String.join(", ", known)));
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description = "Lists what is kept and since when. Needs no key and shows no secret.")
    int list() {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            List<SecretEntry> entries = session.get(SecretStore.class).entries();
            entries.stream()
                    .sorted(Comparator.comparing(SecretEntry::connection).thenComparing(SecretEntry::name))
                    .forEach(entry -> out().println("%-20s %-24s %s, key %s"
                            .formatted(
                                    entry.connection(),
                                    entry.name().startsWith("@") ? "(token)" : entry.name(),
                                    age(entry.written()),
                                    entry.key())));
            if (entries.isEmpty()) {
                out().println("Nothing is kept");
            }
            return 0;
        }
    }

    private static String age(Instant written) {
        Duration age = Duration.between(written, Instant.now());
        String ago = age.toDays() > 0
                ? age.toDays() + " d ago"
                : age.toHours() > 0 ? age.toHours() + " h ago" : Math.max(0, age.toMinutes()) + " min ago";
        return "kept %s (%s)".formatted(ago, written.toString().replaceFirst("\\.\\d+Z", "Z"));
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description = "Forgets secrets. Needs no key.")
    int remove(
            @Parameters(paramLabel = "CONNECTION", description = CONNECTION) String connection,
            @Parameters(
                            paramLabel = "NAME",
                            arity = "0..*",
                            description =
                                    "Settings; everything of the connection if none is named, what a login brought included")
                    @Nullable
                    List<String> names) {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            SecretStore store = session.get(SecretStore.class);
            List<String> chosen = names == null || names.isEmpty()
                    ? store.entries().stream()
                            .filter(entry -> entry.connection().equals(connection))
                            .map(SecretEntry::name)
                            .toList()
                    : names;
            List<String> unknown = new ArrayList<>();
            chosen.stream().filter(name -> !store.remove(connection, name)).forEach(unknown::add);
            if (chosen.isEmpty() || !unknown.isEmpty()) {
                throw new UsageException(
                        "Nothing of that name is kept for %s: %s".formatted(connection, String.join(", ", unknown)));
            }
            out().println("Forgot %d secret%s of %s"
                    .formatted(chosen.size(), chosen.size() == 1 ? "" : "s", connection));
            return 0;
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Seals everything under a new key. With a key file, makes the key; with caravan.key, write the new key"
                            + " before the old one, with a comma between, rotate, and take the old one away.")
    int rotate() {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            int count = session.get(SecretStore.class).rotate();
            out().println("Sealed %d secret%s under a new key".formatted(count, count == 1 ? "" : "s"));
            return 0;
        }
    }

    @Command(
            name = "validate",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description = "Asks each connection once with the credential there is. Writes no data.")
    int validate(
            @Parameters(paramLabel = "CONNECTION", arity = "0..*", description = CONNECTION + "; all if none is named")
                    @Nullable
                    List<String> names)
            throws InterruptedException, ExecutionException {
        return ConnectionChecks.run(launcher, names == null ? List.of() : names, out());
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Returns the first stream of a connection. */
    static LiveStream streamOf(Session session, String connection) {
        Stream<LiveStream> own = session.streams().all().stream()
                .filter(stream -> stream.connection().name().equals(connection));
        return own.findFirst()
                .orElseGet(() -> session.select(List.of(connection)).get(0));
    }
}
