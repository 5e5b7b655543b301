package dev.caravan.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    private static final Redaction REDACTION = new Redaction(List.of("sk_live_abc", "p w&1", "x", ""));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "Proxy-Authorization",
                "token",
                "access_token",
                "accessToken",
                "X-Shopify-Access-Token",
                "api_key",
                "apiKey",
                "X-API-Key",
                "apikey",
                "key",
                "client_secret",
                "clientSecret",
                "password",
                "passwd",
                "signature",
                "X-Amz-Signature",
                "sig",
                "Cookie",
                "Set-Cookie",
                "refresh-token",
                "session_id",
                "JWT",
                "X-Eflow-API-Key",
                "developer-token"
            })
    void knowsTheNamesOfSecrets(String name) {
        assertThat(Redaction.isSecret(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "page_token",
                "page[token]",
                "pageToken",
                "nextPageToken",
                "next_page_token",
                "continuation-token",
                "sync_token",
                "keyword",
                "monkey",
                "id",
                "limit",
                "created[gte]",
                "token_type",
                "code",
                "author",
                "design",
                "assignee",
                "starting_after"
            })
    void knowsWhatIsNone(String name) {
        assertThat(Redaction.isSecret(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "key sk_live_abc is wrong | key *** is wrong",
                "p%20w%261 and p+w%261 and p w&1 | *** and *** and ***",
                "{\"access_token\":\"a b\\\"c\",\"id\":7} | {\"access_token\":***,\"id\":7}",
                "Authorization: Bearer abc.def, x | Authorization: ***, x",
                "{\"m\":\"{\\\"token\\\":\\\"a,b\\\",\\\"n\\\":1}\"} | {\"m\":\"{\\\"token\\\":***,\\\"n\\\":1}\"}",
                "https://x.com/?api_key=abc&limit=1 | https://x.com/?api_key=***&limit=1",
                "password='hunter 2' ok | password=*** ok",
                "client_secret = abc; next | client_secret = ***; next",
                "No such charge: ch_1 | No such charge: ch_1",
                "x stays: too short to tell | x stays: too short to tell"
            })
    void masksByValueAndByName(String text, String expected) {
        assertThat(REDACTION.text(text)).isEqualTo(expected);
    }

    @Test
    void masksAddressesAndHeaders() {
        assertThat(REDACTION.uri(URI.create("https://x.com/sk_live_abc/y?q=sk_live_abc&token=1&p=2")))
                .isEqualTo("https://x.com/***/y?q=***&token=***&p=2");
        assertThat(REDACTION.headers(Map.of("X-Auth-Token", "1", "Via", "a sk_live_abc b")))
                .containsOnly(Map.entry("X-Auth-Token", "***"), Map.entry("Via", "a *** b"));
    }

    @Test
    void aLongTextTakesNoLongTime() {
        String text = "a".repeat(100_000) + "=\"" + "\\".repeat(100_000);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> REDACTION.text(text));
    }

    /** A secret with every sign that some encoding changes, in the forms in which vendors send it back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "p@ss/w+rd=&\"x\\y z",
                "p%40ss%2Fw%2Brd%3D%26%22x%5Cy%20z",
                "p%40ss%2Fw%2Brd%3D%26%22x%5Cy+z",
                "p%40ss%2fw%2brd%3d%26%22x%5cy%20z",
                "p%2540ss%252Fw%252Brd%253D%2526%2522x%255Cy%2520z",
                "p@ss/w+rd=&\\\"x\\\\y z",
                "p@ss\\/w+rd=&\\\"x\\\\y z",
                "p@ss/w+rd=&amp;&quot;x\\y z",
                "cEBzcy93K3JkPSYieFx5IHo=",
                "704073732f772b72643d2622785c79207a"
            })
    void knowsASecretInEveryForm(String form) {
        Redaction redaction = new Redaction(List.of("p@ss/w+rd=&\"x\\y z"));
        assertThat(redaction.text("you sent " + form + " to us")).isEqualTo("you sent *** to us");
    }

    @Test
    void knowsASecretInsideSomethingThatIsEncodedWhole() {
        Redaction redaction = new Redaction(List.of("s3cret-token"));
        for (String before : List.of("", "a", "ab", "user:")) {
            String encoded = Base64.getEncoder()
                    .encodeToString((before + "s3cret-token and more").getBytes(StandardCharsets.UTF_8));
            assertThat(redaction.text("sent " + encoded)).contains("***").doesNotContain(encoded.substring(8, 16));
        }
    }

    @Test
    void learnsTokensThatComeWhileRunning() {
        AtomicReference<Set<String>> known = new AtomicReference<>(Set.of("first-token"));
        Redaction redaction = Redaction.of(known::get);
        assertThat(redaction.text("first-token, other-token")).isEqualTo("***, other-token");
        known.set(Set.of("first-token", "other-token"));
        assertThat(redaction.text("first-token, other-token")).isEqualTo("***, ***");
    }
}
