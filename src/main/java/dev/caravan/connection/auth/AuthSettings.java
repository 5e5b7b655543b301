package dev.caravan.connection.auth;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.net.URI;
import java.util.Optional;

/** How a connection shows who it is, as its vendor file says it. Its text shows no secret. */
@JsonDeserialize(using = AuthReader.class)
public sealed interface AuthSettings
        permits FixedAuthSettings, TokenSettings, SigV4Settings, HmacSettings, ChosenAuthSettings {
    /** Returns no credential. */
    static AuthSettings none() {
        return FixedAuthSettings.NONE;
    }

    /** Returns what puts the credential on requests. */
    Auth auth(AuthContext context);

    /** Returns this with one credential in place of every secret: what an imitation of the vendor accepts. */
    AuthSettings withCredential(String credential);

    /** Returns the address that tokens are asked of, empty if there is none. */
    default Optional<URI> tokenUrl() {
        return Optional.empty();
    }

    /** Returns how a person gives this connection its first token; empty if there is none to give. */
    default Optional<LoginSettings> login() {
        return Optional.empty();
    }
}
