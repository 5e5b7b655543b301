package dev.caravan.app;

import dev.caravan.manage.Role;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may log in.
 *
 * @param users by name; with any, the account of {@code caravan.console} is there only if it is given a password
 */
@ConfigurationProperties("caravan")
record UsersOptions(@DefaultValue Map<String, UserOptions> users) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
    private static final Pattern HASH =
            Pattern.compile("\\{(bcrypt}\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}|pbkdf2.*}.+)");

    UsersOptions {
        users = Map.copyOf(users);
        users.forEach((name, user) -> {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "caravan.users: '%s' is no name of a user: letters, digits and .-_@, 64 at most"
                                .formatted(name));
            }
            try {
                user.check();
            } catch (IllegalArgumentException e) {
                // Without it as a cause: the deepest message is the one that is shown, and only this one names the
                // user.
                throw new IllegalArgumentException("caravan.users.%s: %s".formatted(name, e.getMessage()));
            }
        });
    }

    /**
     * One user.
     *
     * @param password its hash, as {@code hash-password} prints it
     * @param role {@code viewer} looks, {@code operator} steers, {@code admin} reads the audit as well
     */
    record UserOptions(@Nullable String password, @Nullable String role) {
        void check() {
            if (password == null || !HASH.matcher(password).matches()) {
                throw new IllegalArgumentException("the password is no hash: write \"{bcrypt}$2a$10$…\", which"
                        + " 'java -jar caravan.jar hash-password' prints");
            }
            if (role == null) {
                throw new IllegalArgumentException("role is missing: write viewer, operator or admin");
            }
            Role.named(role);
        }

        /** Shows no hash. */
        @Override
        public String toString() {
            return "UserOptions[role=%s]".formatted(role);
        }
    }
}
