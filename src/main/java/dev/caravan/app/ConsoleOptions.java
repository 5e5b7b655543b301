package dev.caravan.app;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the console.
 *
 * @param user name of the one account there is
 * @param password its password; without one, it is generated once and kept in {@code data/state/console-password}
 */
@ConfigurationProperties("caravan.console")
record ConsoleOptions(
        @DefaultValue("admin") String user, @Nullable String password) {
    /** Shows no password. */
    @Override
    public String toString() {
        return "ConsoleOptions[user=%s]".formatted(user);
    }
}
