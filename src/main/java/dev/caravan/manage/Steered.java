package dev.caravan.manage;

import dev.caravan.run.SteeringException;
import java.util.function.Supplier;

/** Calls of operators through JMX, where whoever hears of a mistake need not know our classes. */
final class Steered {
    private Steered() {}

    static void call(Runnable action) {
        get(() -> {
            action.run();
            return "";
        });
    }

    static <T> T get(Supplier<T> action) {
        try {
            return action.get();
        } catch (SteeringException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }
}
