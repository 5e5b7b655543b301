package dev.caravan.testkit;

import dev.caravan.app.CommandLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The built application, carrying out commands one behind the other in one process. For one thread. */
final class CommandProcess implements AutoCloseable {
    private static final String MAIN = CommandLoop.class.getName();

    private final Process process;
    private final BufferedReader answers;

    private CommandProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Starts it; {@code builder} has everything but the command. */
    static CommandProcess start(ProcessBuilder builder, List<String> java) {
        try {
            return new CommandProcess(builder.command(
                            Stream.concat(java.stream(), ArchivedJar.options(CaravanHome.JAR, loop(), MAIN).stream())
                                    .toList())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a command is done, and returns its exit code. */
    int run(List<String> words, Path out, Path err, Duration limit) {
        String line = Stream.concat(Stream.of(out.toString(), err.toString()), words.stream())
                .map(word -> Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)))
                .collect(Collectors.joining(" ", "", "\n"));
        try {
            process.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            return CompletableFuture.supplyAsync(this::answer).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            close();
            throw new AssertionError("%s has no end: %s%n%s%n%s"
                    .formatted(words, e, CaravanProcess.text(out), CaravanProcess.text(err)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + words, e);
        }
    }

    private int answer() {
        try {
            return Integer.parseInt(answers.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A jar with the main class alone: the class archive wants jars, and nothing else of the tests belongs to the application. */
    private static Path loop() throws IOException {
        String name = MAIN.replace('.', '/') + ".class";
        Path jar = Files.createTempFile("command-loop", ".jar");
        jar.toFile().deleteOnExit();
        try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar));
                InputStream bytes = CommandLoop.class.getResourceAsStream("/" + name)) {
            entries.putNextEntry(new JarEntry(name));
            bytes.transferTo(entries);
        }
        return jar;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
