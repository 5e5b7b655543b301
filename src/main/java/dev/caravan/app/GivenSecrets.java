package dev.caravan.app;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Secrets that are given to one command, before what is stored or set anywhere. None stands on the command line itself. */
final class GivenSecrets {
    private static final int MOST_BYTES = 1 << 20;

    @Option(
            names = "--secret",
            paramLabel = "NAME=SOURCE",
            description = "A secret for this command only, such as acme.token=@/run/secrets/acme. The source is @FILE,"
                    + " env:VARIABLE, or - for standard input; never the secret itself, which everybody on this machine"
                    + " could read. May be repeated")
    private Map<String, String> sources = new LinkedHashMap<>();

    /** Returns the secrets by the names of their settings. */
    Map<String, Object> read() {
        return read(sources, System::getenv);
    }

    static Map<String, Object> read(Map<String, String> sources, UnaryOperator<@Nullable String> environment) {
        Map<String, Object> secrets = new LinkedHashMap<>();
        sources.forEach((name, source) -> secrets.put(name, value(name, source, environment)));
        return secrets;
    }

    private static String value(String name, String source, UnaryOperator<@Nullable String> environment) {
        if (source.startsWith("@")) {
            return file(name, source.substring(1));
        }
        if (source.startsWith("env:")) {
            String value = environment.apply(source.substring(4));
            if (value == null || value.isBlank()) {
                throw new UsageException(
                        "--secret %s: the variable %s is not set".formatted(name, source.substring(4)));
            }
            return value.strip();
        }
        if (source.equals("-")) {
            return typed("Secret for " + name);
        }
        throw new UsageException(
                ("--secret %s: a secret on the command line can be read by everybody on this machine: write %s=@FILE,"
                                + " %s=env:VARIABLE or %s=- for standard input")
                        .formatted(name, name, name, name));
    }

    static String file(String name, String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return whole(name, in);
        } catch (IOException | InvalidPathException e) {
            throw new UsageException("%s: %s cannot be read: %s".formatted(name, file, e));
        }
    }

    /** Reads a secret from the terminal, unseen, or all of standard input where there is none. */
    static String typed(String prompt) {
        Console console = Terminal.console().orElse(null);
        try {
            if (console != null) {
                char[] typed = console.readPassword("%s: ", prompt);
                return typed == null ? "" : new String(typed).strip();
            }
            return whole(prompt, System.in);
        } catch (IOException e) {
            throw new UsageException("%s: standard input cannot be read: %s".formatted(prompt, e));
        }
    }

    private static String whole(String name, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new UsageException("%s: more than %,d bytes are no secret".formatted(name, MOST_BYTES));
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new UsageException("%s: there is nothing to read".formatted(name));
        }
        return text;
    }
}
