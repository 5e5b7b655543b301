package dev.caravan.testkit;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adobe's S3Mock, in a Java of its own: a store that knows nothing of Caravan. It ends with whoever has started it, also if that is
 * killed.
 */
public final class S3Mock implements Closeable {
    /** Where the build has written down what it is made of. */
    private static final Path CLASSPATH = Path.of("target", "s3mock.classpath");

    private static final Pattern STARTED = Pattern.compile("Tomcat started on ports? .*?(\\d+) \\(http\\)");
    private static final int SHOWN = 40;
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private final Process process;
    private final URI uri;

    private S3Mock(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    /**
     * Starts one with a bucket.
     *
     * @param folder where it keeps its objects
     */
    public static S3Mock start(Path folder, String bucket) {
        try {
            if (Files.notExists(CLASSPATH)) {
                throw new IllegalStateException(
                        "%s is not there: run './mvnw generate-test-resources' once".formatted(CLASSPATH));
            }
            Path temporary = Files.createDirectories(folder.resolve("tmp")); // it leaves hundreds of files there
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx192m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Djava.io.tmpdir=" + temporary,
                            "-cp",
                            Files.readString(CLASSPATH).strip() + File.pathSeparator + main(folder),
                            Main.class.getName(),
                            "--server.port=0",
                            "--com.adobe.testing.s3mock.httpPort=0",
                            "--http.port=0",
                            "--com.adobe.testing.s3mock.store.initialBuckets=" + bucket,
                            "--com.adobe.testing.s3mock.store.root=" + folder.resolve("s3mock"))
                    .redirectErrorStream(true)
                    .start();
            AtomicBoolean started = new AtomicBoolean();
            CompletableFuture.delayedExecutor(LONGEST_START.toSeconds(), TimeUnit.SECONDS)
                    .execute(() -> {
                        if (!started.get()) {
                            process.destroyForcibly();
                        }
                    });
            S3Mock mock = new S3Mock(process, URI.create("http://127.0.0.1:" + port(process)));
            started.set(true);
            return mock;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a folder with the one class that it needs of ours, and with none of the tests' settings. */
    private static Path main(Path folder) throws IOException {
        String name = Main.class.getName().replace('.', '/') + ".class";
        Path file = folder.resolve("main").resolve(name);
        Files.createDirectories(file.resolveSibling(".").normalize());
        try (InputStream in =
                Objects.requireNonNull(S3Mock.class.getClassLoader().getResourceAsStream(name))) {
            Files.copy(in, file);
        }
        return folder.resolve("main");
    }

    /** Reads what it says until it listens, and then, so that it never waits for somebody to read, all that follows. */
    private static int port(Process process) throws IOException {
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> lines = new ArrayList<>();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                Thread reading = new Thread(() -> said.lines().forEach(each -> {}), "s3mock");
                reading.setDaemon(true);
                reading.start();
                return Integer.parseInt(started.group(1));
            }
            lines.add(line);
        }
        throw new IllegalStateException("S3Mock did not start: "
                + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN), lines.size())));
    }

    public URI uri() {
        return uri;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** What runs in the other Java: the store, until nobody is at the other end of its input. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws ReflectiveOperationException {
            Thread watch = new Thread(Main::endWithTheOther, "watch");
            watch.setDaemon(true);
            watch.start();
            Class.forName("com.adobe.testing.s3mock.S3MockApplication")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        }

        private static void endWithTheOther() {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is sent.
                }
            } catch (IOException e) {
                // That is the end, too.
            }
            Runtime.getRuntime().halt(0);
        }
    }
}
