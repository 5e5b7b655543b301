package dev.caravan.app;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the console is entered where {@code caravan.users} names nobody.
 *
 * @param user name of the one account there is, an admin
 * @param password its password; without one, it is generated once and kept in {@code data/state/console-password}
 * @param openMeters whether the meters under {@code /actuator/prometheus} can be read without a login
 */
@ConfigurationProperties("caravan.console")
record ConsoleOptions(
        @DefaultValue("admin") String user,
        @Nullable String password,
        @DefaultValue("false") boolean openMeters) {
    /** Shows no password. */
    @Override
    public String toString() {
        return "ConsoleOptions[user=%s]".formatted(user);
    }
}
