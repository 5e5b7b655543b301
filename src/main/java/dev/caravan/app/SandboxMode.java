package dev.caravan.app;

import java.util.Locale;

/** Which connections pull from the sandbox instead of their vendor. */
enum SandboxMode {
    OFF,
    MISSING,
    ALL;

    /** Returns the mode of a setting's text; {@code true} means all, {@code false} off. */
    static SandboxMode of(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "off", "false" -> OFF;
            case "missing" -> MISSING;
            case "all", "true" -> ALL;
            default -> throw new IllegalArgumentException("caravan.sandbox is '" + text + "', use off, missing or all");
        };
    }

    /** Returns whether a connection pulls from the sandbox. */
    boolean covers(boolean configured) {
        return this == ALL || (this == MISSING && !configured);
    }
}
