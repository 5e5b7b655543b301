package dev.caravan.connection.auth;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** How a connection shows who it is, as its vendor file says it. Its text shows no secret. */
@JsonDeserialize(using = AuthReader.class)
public sealed interface AuthSettings permits FixedAuthSettings, TokenSettings, SigV4Settings, HmacSettings, AuthChoice {
    /** Returns no credential. */
    static AuthSettings none() {
        return FixedAuthSettings.NONE;
    }

    /**
     * Returns the first of several kinds that is configured.
     *
     * @throws IllegalArgumentException if there is none
     */
    static AuthSettings firstOf(List<AuthSettings> kinds) {
        return kinds.size() == 1 ? kinds.get(0) : new AuthChoice(kinds);
    }

    /** Returns what puts the credential on requests. */
    Auth auth(AuthContext context);

    /** Returns this with one credential in place of every secret: what an imitation of the vendor accepts. */
    AuthSettings withCredential(String credential);

    /** Returns the addresses that tokens may be asked of, none if there are none. */
    default List<URI> tokenUrls() {
        return List.of();
    }

    /** Returns how a person gives this connection its first token; empty if there is none to give. */
    default Optional<LoginSettings> login() {
        return Optional.empty();
    }
}
