package dev.caravan.app;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;

/** Tells whether a person watches. */
final class Terminal {
    private Terminal() {}

    /** Returns whether standard input and output are a terminal that understands escape codes. */
    static boolean isWatched() {
        String term = System.getenv("TERM");
        return term != null && !term.equals("dumb") && console().isPresent();
    }

    /** Returns the terminal, empty where standard input or output is none. */
    @SuppressWarnings("SystemConsoleNull") // both answers are handled
    static Optional<Console> console() {
        Console console = System.console();
        if (console == null) {
            return Optional.empty();
        }
        try {
            // From JDK 22 a console exists without a terminal, and says so.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console)
                    ? Optional.of(console)
                    : Optional.empty();
        } catch (NoSuchMethodException e) {
            return Optional.of(console);
        } catch (IllegalAccessException | InvocationTargetException e) {
            return Optional.empty();
        }
    }
}
