package dev.caravan.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults that wait for the answers they are meant for, oldest first. Safe for any number of threads. */
final class Faults {
    private static final int MOST = 1_000;

    /** Whom a fault is meant for; an empty stream or path means any. */
    record Target(String host, String stream, String path) {
        boolean matches(Ask ask, String streamOfAsk) {
            return host.equals(ask.host())
                    && (stream.isEmpty() || stream.equals(streamOfAsk))
                    && ask.path().startsWith(path);
        }
    }

    private record Waiting(Target target, Fault fault, int times) {}

    private final List<Waiting> waiting = new ArrayList<>();

    synchronized void schedule(Target target, Fault fault, int times) {
        if (times < 1 || waiting.size() >= MOST) {
            throw new IllegalArgumentException("No room for a fault of %d times".formatted(times));
        }
        waiting.add(new Waiting(target, fault, times));
    }

    /** Takes the fault meant for this request, if there is one. */
    synchronized Optional<Fault> take(Ask ask, String stream) {
        for (int i = 0; i < waiting.size(); i++) {
            Waiting first = waiting.get(i);
            if (first.target().matches(ask, stream)) {
                if (first.times() == 1) {
                    waiting.remove(i);
                } else {
                    waiting.set(i, new Waiting(first.target(), first.fault(), first.times() - 1));
                }
                return Optional.of(first.fault());
            }
        }
        return Optional.empty();
    }

    synchronized void clear() {
        waiting.clear();
    }
}
