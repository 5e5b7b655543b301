package dev.caravan.app;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what {@code caravan.users} wants in place of a password. */
@Command(
        name = "hash-password",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Reads a password, typed in unseen or from standard input, and prints its hash for"
                + " caravan.users.<name>.password.")
final class HashPasswordCommand implements Callable<Integer> {
    private static final int SHORTEST = 8;
    /** bcrypt looks at no more. */
    private static final int LONGEST = 72;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        String password = password();
        int length = password.getBytes(StandardCharsets.UTF_8).length;
        if (length < SHORTEST || length > LONGEST) {
            throw new UsageException("A password has %d to %d bytes".formatted(SHORTEST, LONGEST));
        }
        command.commandLine()
                .getOut()
                .println(PasswordEncoderFactories.createDelegatingPasswordEncoder()
                        .encode(password));
        return 0;
    }

    private static String password() throws IOException {
        Optional<Console> console = Terminal.console();
        if (console.isPresent()) {
            char[] typed = console.get().readPassword("Password: ");
            return typed == null ? "" : new String(typed);
        }
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
    }
}
