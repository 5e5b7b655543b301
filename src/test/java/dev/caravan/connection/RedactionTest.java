package dev.caravan.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
}
