package dev.caravan.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The built jar with an archive of its loaded classes, which starts in half the time: hundreds of starts are most of what the
 * integration tests take. Made once for each build, by the first test that needs it.
 */
final class ArchivedJar {
    /** What every start needs beside the archive, for an archive serves the options it was made with. */
    static final List<String> OPTIONS = List.of(
            "-XX:TieredStopAtLevel=1",
            // Most methods of a start run a few hundred times: compiling them takes a sixth of it, and pays for few.
            "-XX:CompileThresholdScaling=3",
            "-XX:+UseSerialGC",
            "-Xmx256m");

    private static final long LIMIT_MINUTES = 3;

    private ArchivedJar() {}

    /** Returns the options of the Java machine that start it, to and with {@code -jar}. */
    static List<String> options(Path jar) {
        return Stream.concat(archive(jar).stream(), Stream.of("-jar", jar.toString()))
                .toList();
    }

    /** Returns the options that start it with another main class, which {@code more} on the class path brings. */
    static List<String> options(Path jar, Path more, String main) {
        return Stream.concat(archive(jar).stream(), Stream.of("-cp", jar + File.pathSeparator + more, main))
                .toList();
    }

    private static synchronized List<String> archive(Path jar) {
        Path archive = jar.resolveSibling("caravan.jsa");
        // Tests run in several processes.
        try (FileChannel lock = FileChannel.open(
                        jar.resolveSibling("caravan.jsa.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            if (held.isValid() && (!Files.exists(archive) || isOlder(archive, jar))) {
                Files.deleteIfExists(archive);
                train(jar, archive);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // An archive that does not fit is left aside, and nothing is said of it where a test reads.
        return List.of("-Xlog:disable", "-XX:SharedArchiveFile=" + archive);
    }

    /** A run that loads what most runs load. */
    private static void train(Path jar, Path archive) throws IOException {
        Path home = Files.createTempDirectory("archived-jar");
        List<String> words = new ArrayList<>(OPTIONS);
        words.addAll(List.of("-XX:ArchiveClassesAtExit=" + archive, "-jar", jar.toString()));
        words.addAll(List.of("pull", "open-meteo-archive", "--limit", "10", "--caravan.sandbox=all"));
        words.add("--caravan.routes=" + Path.of("routes").toAbsolutePath());
        run(home, words.toArray(String[]::new));
        delete(home);
    }

    private static void run(Path folder, String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(words));
        Path out = Files.createTempFile("archived-jar-out", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("%s did not end well:%n%s".formatted(command, Files.readString(out)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while archiving the classes of the jar", e);
        } finally {
            Files.deleteIfExists(out);
        }
    }

    private static boolean isOlder(Path file, Path than) throws IOException {
        return Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(than)) < 0;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
