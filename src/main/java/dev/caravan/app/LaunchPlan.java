package dev.caravan.app;

import java.util.List;

/**
 * What this process is started for.
 *
 * @param mode which parts of the application are started
 * @param names streams or connections whose routes are started; empty means all
 */
record LaunchPlan(Mode mode, List<String> names) {
    public LaunchPlan {
        names = List.copyOf(names);
    }

    /** Which parts of the application are started. */
    public enum Mode {
        /** Everything: routes of all streams, console, meters. */
        SERVE,
        /** The routes of the named streams, no port. */
        PULL,
        /** Vendor files are read and state is opened; no route, no port. */
        LOOK
    }

    public static LaunchPlan serve() {
        return new LaunchPlan(Mode.SERVE, List.of());
    }

    public static LaunchPlan pull(List<String> names) {
        return new LaunchPlan(Mode.PULL, names);
    }

    public static LaunchPlan look() {
        return new LaunchPlan(Mode.LOOK, List.of());
    }
}
