package dev.caravan.connection.auth;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** The secrets of a connection as they are learned: those of its settings for good, of its tokens the latest. */
final class KnownSecrets {
    /** Tokens that were replaced still turn up in what vendors repeat, but not for ever. */
    private static final int MOST_TOKENS = 40;

    private final Set<String> settings;
    private final LinkedHashSet<String> tokens = new LinkedHashSet<>();
    private volatile Set<String> all;

    KnownSecrets(Collection<String> settings) {
        LinkedHashSet<String> known = new LinkedHashSet<>(settings);
        known.removeIf(String::isBlank);
        this.settings = known;
        this.all = Set.copyOf(known);
    }

    synchronized void learn(String token) {
        if (token.isBlank() || !tokens.add(token)) {
            return;
        }
        if (tokens.size() > MOST_TOKENS) {
            tokens.remove(tokens.iterator().next());
        }
        Set<String> known = new LinkedHashSet<>(settings);
        known.addAll(tokens);
        all = Set.copyOf(known);
    }

    /** The same set until something is learned. */
    Set<String> all() {
        return all;
    }
}
