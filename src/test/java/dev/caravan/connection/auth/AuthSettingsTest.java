package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Request;
import dev.caravan.failure.Remedy;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthSettingsTest {
    private static final Request GET = new Request("GET", URI.create("https://x.com/?a=1"), Map.of(), null);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: bearer, token: \" abc\\n\"} | Authorization | Bearer abc",
                "{type: bearer, token: abc, prefix: token} | Authorization | token abc",
                "{type: bearer, token: abc, header: X-Token, prefix: ''} | X-Token | abc",
                "{type: api-key, token: abc, header: X-Api-Key} | X-Api-Key | abc",
                "{type: api-key, token: abc, header: Authorization, prefix: Klaviyo-API-Key} | Authorization | Klaviyo-API-Key abc",
                "{type: basic, username: me, password: pw} | Authorization | Basic bWU6cHc=",
                "{type: basic, username: sk_1} | Authorization | Basic c2tfMTo="
            })
    void aCredentialGoesToItsHeader(String yaml, String header, String value) {
        Auth auth = auth(yaml);
        assertThat(auth.configured()).isTrue();
        assertThat(auth.authorize(GET).headers()).containsExactly(Map.entry(header, value));
    }

    @Test
    void aCredentialMayGoToTheQuery() {
        assertThat(auth("{type: api-key, token: a&b, query: apikey}")
                        .authorize(GET)
                        .uri())
                .hasToString("https://x.com/?a=1&apikey=a%26b");
    }

    @Test
    void severalHeadersMayBeSecret() {
        Auth auth = auth("{type: api-key, token: abcd, header: Authorization, headers: {Data-Client-ID: efgh}}");
        assertThat(auth.authorize(GET).headers())
                .containsOnly(Map.entry("Authorization", "abcd"), Map.entry("Data-Client-ID", "efgh"));
        assertThat(auth.secrets()).containsOnly("abcd", "efgh");
    }

    @Test
    void noneAddsNothing() {
        assertThat(AuthSettings.none().auth(AuthContexts.offline()).authorize(GET))
                .isEqualTo(GET);
        assertThat(auth("{}").configured()).isTrue();
        assertThat(auth("{}").secrets()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: bearer} | auth.token",
                "{type: bearer, token: ' '} | auth.token",
                "{type: api-key, query: k, token: ''} | auth.token",
                "{type: basic, password: pw} | auth.username",
                "{headers: {X: ''}} | auth.headers.X"
            })
    void aBlankCredentialIsNotConfigured(String yaml, String missing) {
        Auth auth = auth(yaml);
        assertThat(auth.configured()).isFalse();
        assertThatThrownBy(() -> auth.authorize(GET))
                .isInstanceOf(CredentialMissingException.class)
                .hasMessage("The connection has no credential: " + missing + " is blank")
                .satisfies(e ->
                        assertThat(((CredentialMissingException) e).remedy()).isEqualTo(Remedy.STOP));
    }

    @Test
    void anOptionalCredentialMayBeBlank() {
        Auth auth = auth("{type: bearer, token: '', optional: true}");
        assertThat(auth.configured()).isTrue();
        assertThat(auth.authorize(GET)).isEqualTo(GET);
    }

    @Test
    void noTextShowsASecret() {
        AuthSettings settings = YamlSettings.read("{type: basic, username: me, password: hunter2}", AuthSettings.class);
        assertThat(settings).hasToString("AuthSettings[type=basic]");
        assertThat(settings.auth(AuthContexts.offline())).hasToString("FixedAuth[header.Authorization]");
        assertThat(settings.auth(AuthContexts.offline()).secrets()).containsOnly("me", "hunter2", "bWU6aHVudGVyMg==");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: oauth9} | Unknown 'type: oauth9', use one of none, bearer, api-key, basic, client-credentials, refresh-token, password, session, jwt, token-exchange, sigv4, hmac",
                "{type: api-key, token: s3cret} | auth: an API key goes to one place, write header: X-Api-Key, query: key or body: key",
                "{type: api-key, header: a, query: b} | auth: an API key goes to one place, write header: X-Api-Key, query: key or body: key",
                "{type: bearer, query: b} | auth: 'query' is for api-key only",
                "{type: basic, header: b} | auth: 'header' is for api-key or bearer only",
                "{token: s3cret} | auth: 'token' is for bearer or api-key only",
                "{type: bearer, password: s3cret} | auth: 'username and password' is for basic only",
                "{type: api-key, query: k, prefix: p} | auth: 'prefix' is for a header only",
                "{type: bearer, token: \"s3\\ncret\"} | auth: a credential holds a line break or another control character"
            })
    void wrongSettingsSayWhatWouldBeRightAndNoSecret(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, AuthSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static Auth auth(String yaml) {
        return YamlSettings.read(yaml, AuthSettings.class).auth(AuthContexts.offline());
    }

    @Test
    void ofSeveralKindsTheFirstThatIsConfiguredCounts() throws Exception {
        assertThat(sent("", "", "static")).isEqualTo("Bearer static");
        assertThat(sent("", "me", "static")).isEqualTo("Basic bWU6");
        Auth none = AuthSettings.firstOf(kinds("", "", "")).auth(AuthContexts.offline());
        assertThat(none.configured()).isFalse();
        assertThatThrownBy(() -> none.authorize(GET)).hasMessageContaining("auth.token");
        assertThatThrownBy(() -> AuthSettings.firstOf(List.of())).hasMessageContaining("the list is empty");
    }

    private static String sent(String refresh, String user, String token) throws Exception {
        AuthSettings settings = AuthSettings.firstOf(kinds(refresh, user, token));
        return settings.auth(AuthContexts.offline()).authorize(GET).headers().getOrDefault("Authorization", "");
    }

    private static List<AuthSettings> kinds(String refresh, String user, String token) throws Exception {
        return List.of(
                YamlSettings.read(
                        "{type: refresh-token, url: 'https://a.example/t', client-id: '', refresh-token: '%s'}"
                                .formatted(refresh),
                        AuthSettings.class),
                YamlSettings.read("{type: basic, username: '%s', password: ''}".formatted(user), AuthSettings.class),
                YamlSettings.read("{type: bearer, token: '%s'}".formatted(token), AuthSettings.class));
    }
}
