package dev.caravan.manage;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a user may do; each may do what those before it may. */
public enum Role {
    /** Look. */
    VIEWER,
    /** Steer streams and connections. */
    OPERATOR,
    /** Read who did what. */
    ADMIN;

    /** @throws IllegalArgumentException naming what there is */
    public static Role named(String text) {
        return Arrays.stream(values())
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("role '%s' is unknown, these are: %s"
                        .formatted(text, Arrays.stream(values()).map(Role::text).collect(Collectors.joining(", ")))));
    }

    static Role ofAuthority(String authority) {
        return valueOf(authority.substring("ROLE_".length()));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the names of this role and of those before it, as Spring Security takes them. */
    public String[] names() {
        return Arrays.stream(values())
                .filter(each -> each.compareTo(this) <= 0)
                .map(Role::name)
                .toArray(String[]::new);
    }
}
