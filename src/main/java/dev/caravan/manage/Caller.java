package dev.caravan.manage;

import dev.caravan.run.By;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/** On whose behalf the calling thread acts: who is logged in, or whoever may reach the process by JMX. */
public final class Caller {
    private Caller() {}

    /** Returns the caller of an MBean or of a route's own operations: Hawtio's user, or a JMX client of this machine. */
    public static By current() {
        Authentication known = SecurityContextHolder.getContext().getAuthentication();
        return known == null ? new By("jmx", "jmx") : new By(known.getName(), "console");
    }

    /** Returns the caller of the API. */
    static By ofApi() {
        Authentication known = SecurityContextHolder.getContext().getAuthentication();
        return new By(known == null ? "nobody" : known.getName(), "api");
    }
}
