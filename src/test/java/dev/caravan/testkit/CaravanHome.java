package dev.caravan.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder to run the built application in: its {@code routes/}, its {@code data/}, its settings. For one thread. */
public final class CaravanHome {
    /** What a command may take, start included, on a slow and busy machine. */
    public static final Duration LIMIT = Duration.ofMinutes(2);

    static final Path JAR = Path.of("target", "caravan.jar").toAbsolutePath();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Path OUR_ROUTES = Path.of("routes").toAbsolutePath();

    /** Whose commands run in one process at the moment, and that process. */
    private static @Nullable CaravanHome running;

    private static @Nullable CommandProcess commands;

    private final Path folder;
    private final List<String> settings = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Optional<List<String>> java = Optional.empty();
    private Optional<SmallDisks> disks = Optional.empty();
    private boolean inOneProcess;
    private int started;

    private CaravanHome(Path folder) {
        this.folder = folder;
    }

    /** A home whose vendor files the test writes itself. */
    public static CaravanHome in(Path folder) {
        CaravanHome home = new CaravanHome(folder);
        try {
            Files.createDirectories(home.routes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return home;
    }

    /** A home with the project's own vendor files, every connection of which pulls from the sandbox. */
    public static CaravanHome ofSandbox(Path folder, int rows) {
        return in(folder)
                .with("caravan.routes=" + OUR_ROUTES)
                .with("caravan.sandbox=all")
                .with("caravan.sandbox-rows=" + rows)
                .with("caravan.sandbox-limits=false");
    }

    /** Adds a setting, {@code key=value}, to every command. */
    public CaravanHome with(String setting) {
        settings.add("--" + setting);
        return this;
    }

    public CaravanHome withEnvironment(String name, String value) {
        environment.put(name, value);
        if (this.equals(running)) {
            running = null; // the environment of a process is given to it once
        }
        return this;
    }

    /** Starts {@code java -jar} as users do, with these options; otherwise it starts as quickly as it can, and stays small. */
    public CaravanHome withJava(String... options) {
        java = Optional.of(List.of(options));
        return this;
    }

    /**
     * Runs the commands that end by themselves one behind the other in one process, until those of another home begin: for tests
     * of what commands do and say. Those of how processes begin and end want a process each.
     */
    public CaravanHome inOneProcess() {
        inOneProcess = true;
        return this;
    }

    /** Runs every command where these file systems are mounted. */
    public CaravanHome on(SmallDisks mounted) {
        disks = Optional.of(mounted);
        return this;
    }

    public CaravanHome withRoute(String name, String yaml) {
        try {
            Files.writeString(routes().resolve(name + ".camel.yaml"), yaml, StandardCharsets.UTF_8);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    public Path routes() {
        return folder.resolve("routes");
    }

    public Path data() {
        return folder.resolve("data");
    }

    /** Returns what a stream has landed, {@code folder} being the one below {@code data/}: {@code stub/stripe/charges}. */
    public Landed landed(String stream) {
        return Landed.in(disks.map(mounted -> mounted.seen(data())).orElse(data()), stream);
    }

    public CaravanProcess.Ended run(String... words) {
        if (inOneProcess) {
            return runInOneProcess(words);
        }
        try (CaravanProcess process = start(words)) {
            return process.await(LIMIT);
        }
    }

    private CaravanProcess.Ended runInOneProcess(String... words) {
        if (!this.equals(running)) {
            Optional.ofNullable(commands).ifPresent(CommandProcess::close);
            commands = CommandProcess.start(builder(), concat(List.of(JAVA), ArchivedJar.OPTIONS));
            running = this;
        }
        started++;
        int code = commands.run(concat(List.of(words), settings), out(), err(), LIMIT);
        return new CaravanProcess.Ended(code, CaravanProcess.text(out()), CaravanProcess.text(err()));
    }

    public CaravanProcess start(String... words) {
        return start(
                java.map(options -> concat(options, List.of("-jar", JAR.toString())))
                        .orElseGet(() -> concat(ArchivedJar.OPTIONS, ArchivedJar.options(JAR))),
                words);
    }

    /** Starts a process that waits for {@link Stops} before it does anything. */
    public CaravanProcess startForStops(String... words) {
        return start(concat(Stops.JAVA, ArchivedJar.options(JAR)), words);
    }

    private CaravanProcess start(List<String> options, String... words) {
        List<String> command = new ArrayList<>();
        command.add(JAVA);
        command.addAll(options);
        command.addAll(List.of(words));
        command.addAll(settings);
        started++;
        try {
            Process process = builder()
                    .command(disks.map(mounted -> mounted.command(folder, command))
                            .orElse(command))
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out().toFile())
                    .redirectError(err().toFile())
                    .start();
            return new CaravanProcess(process, out(), err());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder().directory(folder.toFile());
        // Nothing of the developer's or the server's own settings.
        builder.environment().keySet().removeIf(name -> !List.of("PATH", "HOME", "LANG", "TMPDIR")
                .contains(name));
        builder.environment().putAll(environment);
        return builder;
    }

    private Path out() {
        return folder.resolve("out-" + started + ".txt");
    }

    private Path err() {
        return folder.resolve("err-" + started + ".txt");
    }

    private static List<String> concat(List<String> some, List<String> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    /** Returns every file below the home whose bytes hold {@code text}, for secrets that should be nowhere. */
    public List<Path> filesWith(String text) {
        try (var files = Files.walk(folder)) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
