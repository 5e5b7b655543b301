package dev.caravan.testkit;

import dev.caravan.connection.auth.AuthContext;
import dev.caravan.connection.auth.TokenTransport;
import dev.caravan.secret.KeyFile;
import dev.caravan.secret.SecretStore;
import java.nio.file.Path;
import java.time.Clock;

/** What credentials have around them in tests. */
public final class AuthContexts {
    private AuthContexts() {}

    /** For credentials that ask nobody and keep nothing. */
    public static AuthContext offline() {
        TokenTransport none = request -> {
            throw new AssertionError("Asked for a token: " + request);
        };
        Path nowhere = Path.of("target", "no-such-folder");
        return new AuthContext("acme", none, store(nowhere, Clock.systemUTC()), Clock.systemUTC());
    }

    /** For the connection {@code acme}, whose secrets lie in a folder. */
    public static AuthContext in(Path folder, Clock clock, TokenTransport transport) {
        return new AuthContext("acme", transport, store(folder, clock), clock);
    }

    /** Returns the store in a folder, its key beside it. */
    public static SecretStore store(Path folder, Clock clock) {
        return new SecretStore(folder, new KeyFile(folder.resolve("key")), clock);
    }
}
