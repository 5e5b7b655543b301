package dev.caravan.app;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;

/** Tells whether a person watches. */
final class Terminal {
    private Terminal() {}

    /** Returns whether standard input and output are a terminal that understands escape codes. */
    @SuppressWarnings("SystemConsoleNull") // both answers are handled
    static boolean isWatched() {
        Console console = System.console();
        String term = System.getenv("TERM");
        if (console == null || term == null || term.equals("dumb")) {
            return false;
        }
        try {
            // From JDK 22 a console exists without a terminal, and says so.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}
