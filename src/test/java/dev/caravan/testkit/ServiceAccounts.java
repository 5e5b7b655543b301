package dev.caravan.testkit;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Keys of service accounts of Google's, which nobody knows. */
public final class ServiceAccounts {
    private ServiceAccounts() {}

    /**
     * Returns the JSON of a new key, in one line.
     *
     * @param tokens address that gives tokens for it
     */
    public static String key(String tokens) {
        try {
            KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
            keys.initialize(2048);
            return """
                    {"type": "service_account", "project_id": "acme-lake", "private_key_id": "k", "client_id": "1", "client_email": "lake@acme-lake.iam.gserviceaccount.com", "token_uri": "%s", "private_key": "-----BEGIN PRIVATE KEY-----\\n%s\\n-----END PRIVATE KEY-----\\n"}
                    """.formatted(
                    tokens,
                    Base64.getEncoder()
                            .encodeToString(keys.generateKeyPair().getPrivate().getEncoded())).strip();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has RSA", e);
        }
    }

    /** What Google's says to a key that is gone, and to one that is used by a machine whose clock is wrong. */
    public static FakeApi google() {
        FakeApi google = FakeApi.start();
        google.on(
                "/clock",
                asked -> FakeApi.Reply.status(400)
                        .json(
                                "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.\"}"));
        google.on("/gone", asked -> FakeApi.Reply.status(400)
                .json("{\"error\":\"invalid_grant\",\"error_description\":\"Account not found\"}"));
        return google;
    }
}
