package dev.caravan.run;

import dev.caravan.Connection;
import dev.caravan.commit.Origin;
import dev.caravan.connection.Origins;
import dev.caravan.connection.auth.Auth;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.secret.SecretStore;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A connection in this process: one credential, one quota, shared by all its streams. Safe for any number of threads.
 *
 * @param name of the account
 * @param vendor whose file it comes from
 * @param origin whether it talks to the vendor or to the sandbox
 * @param settings as the file has them
 * @param auth the credential in use; the sandbox's own for {@link Origin#STUB}
 * @param secrets seals what a checkpoint must not show
 * @param limiter quota, holds and requests in flight
 * @param outcomes what its answers mean
 * @param origins where its requests may go
 * @param address turns an address of the vendor into the one in use
 * @param obstacle why nothing can be asked, such as a missing credential; null if nothing is in the way
 */
public record LiveConnection(
        String name,
        String vendor,
        Origin origin,
        Connection settings,
        Auth auth,
        SecretStore secrets,
        Limiter limiter,
        Outcomes outcomes,
        Origins origins,
        UnaryOperator<URI> address,
        @Nullable String obstacle) {
    public boolean isConfigured() {
        return obstacle == null;
    }

    /** Returns what was asked, for summaries: {@code stripe_api}, or {@code stub}. */
    public String source() {
        return origin == Origin.STUB ? "stub" : vendor.replace('-', '_') + "_api";
    }
}
