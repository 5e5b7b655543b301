package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.connection.Request;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignatureTest {
    /** The key pair and the time of AWS's own examples. */
    private static final String EXAMPLE =
            "{type: sigv4, access-key: AKIDEXAMPLE, secret-key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY, region: us-east-1, service: %s}";

    /** Values of AWS's signature test suite and of its documentation. */
    @ParameterizedTest
    @CsvSource({
        "service, https://example.amazonaws.com/, 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "service, https://example.amazonaws.com/?Param2=value2&Param1=value1, b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    })
    void signsAsAwsDoes(String service, String url, String signature) {
        Request signed = auth(EXAMPLE.formatted(service), "2015-08-30T12:36:00Z")
                .authorize(new Request("GET", URI.create(url), Map.of(), null));
        assertThat(signed.headers())
                .containsEntry("X-Amz-Date", "20150830T123600Z")
                .containsEntry(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                                + " SignedHeaders=host;x-amz-date, Signature=" + signature);
    }

    @Test
    void signsAFormAsAwsDoes() {
        Request signed = auth(EXAMPLE.formatted("iam"), "2015-08-30T12:36:00Z")
                .authorize(new Request(
                        "GET",
                        URI.create("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
                        Map.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                        null));
        assertThat(signed.headers().get("Authorization"))
                .endsWith("SignedHeaders=content-type;host;x-amz-date,"
                        + " Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    @Test
    void signsTheBodyAndTheTokenOfTemporaryCredentialsForS3() {
        Request signed = auth(
                        "{type: sigv4, access-key: AKID, secret-key: s3cret, session-token: temporary, region: eu-west-1, service: s3}",
                        "2015-08-30T12:36:00Z")
                .authorize(new Request("GET", URI.create("https://b.s3.amazonaws.com/a%20b/c%3Ad"), Map.of(), null));
        assertThat(signed.headers())
                .containsEntry("X-Amz-Security-Token", "temporary")
                .containsEntry(
                        "X-Amz-Content-Sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(signed.headers().get("Authorization"))
                .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
    }

    @Test
    void signsATextThatTheVendorDescribes() throws Exception {
        Auth auth = auth(
                "{type: hmac, secret: s3cret, template: \"${method}\\n${path}\\n${sorted-query}\\n${timestamp}\\n${body}\","
                        + " to: header.X-Signature, time-to: header.X-Timestamp, headers: {X-Key: k-1}}",
                "2026-03-01T00:00:00Z");
        Request signed = auth.authorize(new Request(
                "POST",
                URI.create("https://x.com/v1/a%20b?z=1&a=2"),
                Map.of(),
                "{\"q\":1}".getBytes(StandardCharsets.UTF_8)));
        assertThat(signed.headers()).containsEntry("X-Timestamp", "1772323200").containsEntry("X-Key", "k-1");
        assertThat(signed.headers().get("X-Signature"))
                .isEqualTo(hmac("HmacSHA256", "POST\n/v1/a%20b\na=2&z=1\n1772323200\n{\"q\":1}"));
    }

    @Test
    void aSignatureMayGoToTheQueryBehindTimeAndNonce() throws Exception {
        Auth auth = auth(
                "{type: hmac, secret: s3cret, algorithm: sha512, template: '${query}', to: query.sig, time-to: query.ts,"
                        + " time-format: epoch-millis, nonce-to: query.nonce}",
                "2026-03-01T00:00:00Z");
        Request get = new Request("GET", URI.create("https://x.com/?a=b"), Map.of(), null);
        String query = auth.authorize(get).uri().getRawQuery();
        assertThat(query).matches("a=b&ts=1772323200000&nonce=[0-9a-f]{32}&sig=[0-9a-f]{128}");
        int signature = query.indexOf("&sig=");
        assertThat(query.substring(signature + 5)).isEqualTo(hmac("HmacSHA512", query.substring(0, signature)));
        assertThat(auth.authorize(get).uri()).isNotEqualTo(auth.authorize(get).uri());
        // Signed again, it is signed as if for the first time.
        String again =
                auth.authorize(auth.authorize(get).withQuery("a", "c")).uri().getRawQuery();
        int second = again.indexOf("&sig=");
        assertThat(again.indexOf("sig=", second + 5)).isNegative();
        assertThat(again.substring(second + 5)).isEqualTo(hmac("HmacSHA512", again.substring(0, second)));
    }

    private static String hmac(String algorithm, String text) throws Exception {
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance(algorithm);
        mac.init(new javax.crypto.spec.SecretKeySpec("s3cret".getBytes(StandardCharsets.UTF_8), algorithm));
        StringBuilder hex = new StringBuilder();
        for (byte each : mac.doFinal(text.getBytes(StandardCharsets.UTF_8))) {
            hex.append("%02x".formatted(each));
        }
        return hex.toString();
    }

    private static Auth auth(String yaml, String now) {
        return YamlSettings.read(yaml, AuthSettings.class)
                .auth(AuthContexts.in(Path.of("target", "no-such-folder"), new MutableClock(now), request -> {
                    throw new AssertionError("A signature asks nobody");
                }));
    }
}
