package dev.caravan.run;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is said of a stream in this process: its mode, and whether another takes its place. Safe for any number of threads. */
final class Reins {
    /** A mode, and who said so. */
    record Said(Mode mode, String by) {}

    private volatile Said said = new Said(Mode.ACTIVE, "");
    private volatile @Nullable String retired;

    Mode mode() {
        return said.mode();
    }

    Said said() {
        return said;
    }

    void say(Mode mode, String by) {
        said = new Said(mode, by);
    }

    /** The stream ends at the next page border, for good: another of its name goes on. */
    void retire(String reason) {
        retired = reason;
    }

    boolean isRetired() {
        return retired != null;
    }

    /** Returns why a run may not go on, empty while it may. */
    Optional<String> obstacle() {
        String reason = retired;
        if (reason != null) {
            return Optional.of(reason);
        }
        Said now = said;
        return switch (now.mode()) {
            case PAUSED -> Optional.of("paused by " + now.by());
            case STOPPED -> Optional.of("stopped by " + now.by());
            case ACTIVE, DRAINING -> Optional.empty();
        };
    }
}
