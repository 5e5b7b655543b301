package dev.caravan.connection.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests signed as AWS wants it, Signature Version 4.
 *
 * @param accessKey id of the key pair; not secret by itself, yet not shown
 * @param secretKey signs
 * @param sessionToken of temporary credentials, null for lasting ones
 * @param region such as eu-central-1
 * @param service such as s3 or execute-api
 */
record SigV4Settings(
        String accessKey, String secretKey, @Nullable String sessionToken, String region, String service)
        implements AuthSettings {
    SigV4Settings {
        if (region.isEmpty() || service.isEmpty()) {
            throw new IllegalArgumentException(
                    "auth: 'type: sigv4' needs 'region' and 'service', such as eu-central-1 and s3");
        }
        if (!(region + service).matches("[a-z0-9-]+")) {
            throw new IllegalArgumentException(
                    "auth: region '%s' or service '%s' is none: lower-case letters, digits and dashes"
                            .formatted(region, service));
        }
    }

    static SigV4Settings read(AuthFields fields) {
        String token = fields.text("session-token", "");
        return new SigV4Settings(
                fields.text("access-key", ""),
                fields.text("secret-key", ""),
                token.isEmpty() ? null : token,
                fields.text("region", ""),
                fields.text("service", ""));
    }

    @Override
    public Auth auth(AuthContext context) {
        List<String> missing = new ArrayList<>();
        if (accessKey.isEmpty()) {
            missing.add("auth.access-key");
        }
        if (secretKey.isEmpty()) {
            missing.add("auth.secret-key");
        }
        return new SigV4(this, missing.isEmpty() ? "" : missing.get(0), context.clock());
    }

    @Override
    public AuthSettings withCredential(String credential) {
        return new FixedAuthSettings(
                FixedAuthSettings.Type.BEARER, credential, null, null, null, null, null, null, Map.of(), false);
    }

    @Override
    public String toString() {
        return "AuthSettings[type=sigv4, region=%s, service=%s]".formatted(region, service);
    }
}
