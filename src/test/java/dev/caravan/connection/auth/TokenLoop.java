package dev.caravan.connection.auth;

import dev.caravan.camel.HttpTransport;
import dev.caravan.connection.Request;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** A process that renews a rotating refresh token and uses what it got, again and again, until it is killed. */
final class TokenLoop {
    private TokenLoop() {}

    public static void main(String[] arguments) throws Exception {
        String url = arguments[1];
        try (HttpTransport transport = new HttpTransport(4)) {
            Auth auth = auth(Path.of(arguments[0]), url, transport);
            Request request = auth.authorize(use(url));
            for (int i = 0; i < 100_000; i++) {
                auth.renew(request);
                request = auth.authorize(use(url));
                transport.send(request);
                System.err.println("used " + i);
            }
        }
    }

    static Request use(String url) {
        return new Request("GET", URI.create(url + "/use"), Map.of(), null);
    }

    static Auth auth(Path folder, String url, HttpTransport transport) {
        String yaml = "{type: refresh-token, url: '%s/token', client-id: me, refresh-token: refresh-0}".formatted(url);
        return YamlSettings.read(yaml, AuthSettings.class).auth(AuthContexts.in(folder, Clock.systemUTC(), transport));
    }
}
