package dev.caravan.connection.auth;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a person lets this application in.
 *
 * @param url where a browser asks for consent; null if that is not to be had
 * @param device where a code for another device is asked for; null if that is not to be had
 * @param query further parameters of {@code url} and {@code device}
 * @param redirect where the vendor sends the browser back to: an address of this machine, {@code http://127.0.0.1:8899/callback}
 *     (port 0 for any that is free), or one of the vendor's that shows the code; null for a loopback address with any port
 */
public record LoginSettings(
        @Nullable URI url,
        @Nullable URI device,
        Map<String, String> query,
        @Nullable URI redirect) {
    public LoginSettings {
        query = Map.copyOf(new LinkedHashMap<>(query));
        if (redirect != null && isLoopback(redirect) && !redirect.getScheme().equals("http")) {
            throw new IllegalArgumentException(
                    "auth: 'login.redirect' to this machine is not encrypted, write http://127.0.0.1:8899/callback");
        }
    }

    static LoginSettings read(AuthFields fields) {
        return new LoginSettings(
                fields.url("url"), fields.url("device"), fields.texts("query"), fields.url("redirect"));
    }

    static boolean isLoopback(URI uri) {
        return List.of("127.0.0.1", "localhost", "[::1]").contains(String.valueOf(uri.getHost()));
    }
}
