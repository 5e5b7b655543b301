package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.HttpTransport;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills the process that renews a token, at whatever it is doing, and looks whether the next one has a token that lives. */
@Timeout(120)
class TokenKillTest {
    /** What a vendor that rotates accepts: the last refresh token it gave, and until that or its access token is used, the one before. */
    private String used = "refresh-0";

    private String given = "refresh-0";
    private int number;
    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void aRotatedRefreshTokenSurvivesAKillAtAnyInstant(@TempDir Path folder) throws Exception {
        try (FakeApi api = FakeApi.start().on("/token", this::token).on("/use", this::use);
                HttpTransport transport = new HttpTransport(4)) {
            int moment = 0;
            for (int uses : List.of(1, 7, 3, 12, 5, 9)) {
                kill(api, folder, uses, 700_000L * moment++);
            }
            Auth last = TokenLoop.auth(folder, api.url(), transport);
            last.renew(last.authorize(TokenLoop.use(api.url())));
            assertThat(refused).hasValue(0);
            assertThat(number).isGreaterThan(37);
        }
    }

    private synchronized Reply token(Asked asked) {
        String token = FakeApi.query(URI.create("http://x/?" + asked.body())).getOrDefault("refresh_token", "");
        if (token.equals(given)) {
            used = given;
        } else if (!token.equals(used)) {
            refused.incrementAndGet();
            return Reply.status(400).json("{\"error\":\"invalid_grant\"}");
        }
        given = "refresh-" + ++number;
        return Reply.ok("{\"access_token\":\"access-%d\",\"refresh_token\":\"%s\",\"expires_in\":3600}"
                .formatted(number, given));
    }

    private synchronized Reply use(Asked asked) {
        if (asked.headers().getFirst("Authorization").equals("Bearer access-" + number)) {
            used = given;
        }
        return Reply.ok("{}");
    }

    private static void kill(FakeApi api, Path folder, int uses, long later) throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TokenLoop.class.getName(),
                        folder.toString(),
                        api.url())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = child.errorReader(StandardCharsets.UTF_8)) {
            assertThat(said.lines()
                            .filter(line -> line.startsWith("used"))
                            .limit(uses)
                            .count())
                    .isEqualTo(uses);
            // Where in the next round it is hit differs from kill to kill.
            LockSupport.parkNanos(later);
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
}
