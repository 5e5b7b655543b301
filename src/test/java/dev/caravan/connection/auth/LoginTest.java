package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.camel.HttpTransport;
import dev.caravan.connection.Request;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginTest {
    private static final URI BACK = URI.create("http://127.0.0.1:8899/callback");

    private final FakeApi api = FakeApi.start();
    private final HttpTransport transport = new HttpTransport(4);
    private final AuthContext context;

    LoginTest(@TempDir Path folder) {
        context = AuthContexts.in(folder, new MutableClock("2026-03-01T00:00:00Z"), transport);
    }

    @AfterEach
    void close() {
        api.close();
        transport.close();
    }

    @Test
    void aCodeIsExchangedWithTheProofThatItIsOurs() throws Exception {
        AuthSettings settings = settings(
                "client-secret: s3cret, scope: 'a b', login: {url: '%s/consent', query: {access_type: offline}}");
        Auth auth = settings.auth(context);
        assertThat(auth.configured()).isFalse();

        Login login = Login.of(settings, context);
        Map<String, String> asked = FakeApi.query(login.consent(BACK));
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "me")
                .containsEntry("redirect_uri", BACK.toString())
                .containsEntry("scope", "a b")
                .containsEntry("access_type", "offline")
                .containsEntry("state", login.state())
                .containsEntry("code_challenge_method", "S256")
                .doesNotContainKey("client_secret");
        api.on("/token", token -> {
            Map<String, String> form = form(token);
            boolean ours = form.getOrDefault("code", "").equals("c0de")
                    && challenge(form.getOrDefault("code_verifier", "")).equals(asked.get("code_challenge"));
            return ours ? tokens("access-1", "refresh-1") : Reply.status(400).json("{\"error\":\"invalid_grant\"}");
        });
        login.code("c0de", BACK);

        assertThat(auth.configured()).isTrue();
        assertThat(sent(auth)).isEqualTo("Bearer access-1");
        assertThat(api.asked("/token")).hasSize(1);
    }

    @Test
    void aDeviceIsAskedAboutUntilThePersonHasTypedInItsCode() {
        api.on(
                "/device",
                asked -> Reply.ok(
                        "{\"device_code\":\"d-1\",\"user_code\":\"ABCD-EFGH\",\"verification_url\":\"https://x.example/device\",\"interval\":3,\"expires_in\":60}"));
        api.on("/token", asked -> switch (asked.before()) {
            case 0 -> Reply.status(428).json("{\"error\":\"authorization_pending\"}");
            case 1 -> Reply.status(400).json("{\"error\":\"slow_down\"}");
            default -> tokens("access-1", "refresh-1");
        });
        AuthSettings settings = settings("login: {device: '%s/device'}");
        Login login = Login.of(settings, context);
        Login.Device device = login.device();
        assertThat(device.userCode()).isEqualTo("ABCD-EFGH");
        assertThat(device.address()).isEqualTo("https://x.example/device");
        assertThat(login.poll(device, device.interval())).contains(Duration.ofSeconds(3));
        assertThat(login.poll(device, device.interval())).contains(Duration.ofSeconds(8));
        assertThat(login.poll(device, device.interval())).isEmpty();
        assertThat(form(api.asked("/token").get(0))).containsEntry("device_code", "d-1");
        assertThat(sent(settings.auth(context))).isEqualTo("Bearer access-1");
    }

    @Test
    void aRefreshTokenIsTriedBeforeItIsKept() {
        api.on(
                "/token",
                asked -> form(asked).getOrDefault("refresh_token", "").equals("good")
                        ? Reply.ok("{\"access_token\":\"access-1\",\"expires_in\":3600}")
                        : Reply.status(400).json("{\"error\":\"invalid_grant\"}"));
        AuthSettings settings = settings("");
        assertThatThrownBy(() -> Login.of(settings, context).accept("wrong-one"))
                .hasMessageContaining("invalid_grant");
        assertThat(settings.auth(context).configured()).isFalse();
        Login.of(settings, context).accept("good");
        assertThat(sent(settings.auth(context))).isEqualTo("Bearer access-1");
    }

    @Test
    void aTokenThatEndsAndCannotBeRenewedIsNotKept() {
        api.on("/token", asked -> Reply.ok("{\"access_token\":\"access-1\",\"expires_in\":3600}"));
        AuthSettings settings = settings("login: {url: '%s/consent'}");
        assertThatThrownBy(() -> Login.of(settings, context).code("c", BACK))
                .hasMessageContaining("none to renew it with")
                .hasMessageContaining("access_type: offline");
        assertThat(settings.auth(context).configured()).isFalse();
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> Login.of(YamlSettings.read("{type: bearer, token: x}", AuthSettings.class), context))
                .hasMessageContaining("A login is for 'auth: {type: refresh-token}'");
        assertThatThrownBy(() -> Login.of(settings(""), context).consent(BACK))
                .hasMessageContaining("write auth: {login: {url: …}}");
        assertThatThrownBy(() -> Login.of(settings(""), context).device())
                .hasMessageContaining("write auth: {login: {device: …}}");
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reply tokens(String access, String refresh) {
        return Reply.ok(
                "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":3600}".formatted(access, refresh));
    }

    private static Map<String, String> form(Asked asked) {
        return FakeApi.query(URI.create("http://x/?" + asked.body()));
    }

    private static String sent(Auth auth) {
        return auth.authorize(new Request("GET", URI.create("https://api.example.com/"), Map.of(), null))
                .headers()
                .getOrDefault("Authorization", "");
    }

    private AuthSettings settings(String more) {
        return YamlSettings.read(
                "{type: refresh-token, url: '%s/token', client-id: me, refresh-token: ''".formatted(api.url())
                        + (more.isEmpty() ? "" : ", " + more.replace("%s", api.url())) + "}",
                AuthSettings.class);
    }
}
