package dev.caravan.app;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Carries out commands one behind the other in one process, for tests of what commands do and say: a start takes seconds. Reads
 * a command a line, its words in base64 and the files for its standard output and error before them; answers with its exit code.
 * Ends with its standard input.
 */
public final class CommandLoop {
    private CommandLoop() {}

    public static void main(String[] none) throws IOException {
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream answers = System.out;
        System.setIn(InputStream.nullInputStream());
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            String[] words = Arrays.stream(line.split(" "))
                    .map(word -> new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8))
                    .toArray(String[]::new);
            answers.println(carryOut(words[0], words[1], Arrays.copyOfRange(words, 2, words.length)));
        }
        System.exit(0);
    }

    private static int carryOut(String out, String err, String... command) throws IOException {
        PrintStream ownErrors = System.err;
        try (PrintStream outs = new PrintStream(new FileOutputStream(out), true, StandardCharsets.UTF_8);
                PrintStream errors = new PrintStream(new FileOutputStream(err), true, StandardCharsets.UTF_8)) {
            System.setOut(outs);
            System.setErr(errors);
            return Caravan.run(command);
        } finally {
            System.setErr(ownErrors);
        }
    }
}
