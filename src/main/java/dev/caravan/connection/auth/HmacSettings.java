package dev.caravan.connection.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Requests signed with a shared secret, over a text that the vendor describes.
 *
 * @param secret the key
 * @param algorithm SHA-256 unless the file says sha1, sha512 or md5
 * @param template what is signed, with {@link #VALUES}
 * @param encoding hex, base64 or base64url
 * @param to where the signature goes
 * @param timeTo where the time goes, null for nowhere
 * @param timeFormat epoch-seconds, epoch-millis or iso
 * @param nonceTo where a random text goes, null for nowhere
 * @param headers further secret headers, such as the id of the key
 */
record HmacSettings(
        String secret,
        String algorithm,
        String template,
        String encoding,
        Placement to,
        @Nullable Placement timeTo,
        String timeFormat,
        @Nullable Placement nonceTo,
        Map<String, String> headers)
        implements AuthSettings {
    /** What the template may name. */
    static final List<String> VALUES = List.of(
            "method", "path", "query", "sorted-query", "host", "url", "body", "body-sha256", "timestamp", "nonce");

    private static final List<String> ALGORITHMS = List.of("sha256", "sha1", "sha512", "md5");
    private static final List<String> ENCODINGS = List.of("hex", "base64", "base64url");
    private static final List<String> TIMES = List.of("epoch-seconds", "epoch-millis", "iso");
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]*)}");

    HmacSettings {
        headers = Map.copyOf(headers);
        oneOf("algorithm", algorithm, ALGORITHMS);
        oneOf("encoding", encoding, ENCODINGS);
        oneOf("time-format", timeFormat, TIMES);
        Matcher expression = EXPRESSION.matcher(template);
        boolean any = false;
        while (expression.find()) {
            any = true;
            if (!VALUES.contains(expression.group(1))) {
                throw new IllegalArgumentException("auth: 'template' knows no ${%s}; there are %s"
                        .formatted(expression.group(1), String.join(", ", VALUES)));
            }
        }
        if (!any) {
            throw new IllegalArgumentException(
                    "auth: 'type: hmac' signs a 'template' such as \"${method}\\n${path}\\n${timestamp}\"");
        }
        if (to.kind() == Placement.Kind.BODY
                || (timeTo != null && timeTo.kind() == Placement.Kind.BODY)
                || (nonceTo != null && nonceTo.kind() == Placement.Kind.BODY)) {
            throw new IllegalArgumentException("auth: a signature goes to a header or the query");
        }
        if (template.contains("${timestamp}") && timeTo == null) {
            throw new IllegalArgumentException(
                    "auth: the template signs the time, so the vendor needs it: write time-to: header.X-Timestamp");
        }
    }

    private static void oneOf(String setting, String value, List<String> all) {
        if (!all.contains(value)) {
            throw new IllegalArgumentException(
                    "auth: '%s: %s' is none of %s".formatted(setting, value, String.join(", ", all)));
        }
    }

    static HmacSettings read(AuthFields fields) {
        String timeTo = fields.text("time-to", "");
        String nonceTo = fields.text("nonce-to", "");
        String template = fields.lines("template");
        String to = fields.text("to");
        if (to == null) {
            throw new IllegalArgumentException("auth: say where the signature goes, write to: header.X-Signature");
        }
        return new HmacSettings(
                fields.text("secret", ""),
                fields.text("algorithm", "sha256").toLowerCase(Locale.ROOT),
                template == null ? "" : template.replace("\\n", "\n"),
                fields.text("encoding", "hex"),
                Placement.parse(
                        to, to.equals("header.Authorization") ? fields.text("prefix", "") : fields.text("prefix")),
                timeTo.isEmpty() ? null : Placement.parse(timeTo, null),
                fields.text("time-format", "epoch-seconds"),
                nonceTo.isEmpty() ? null : Placement.parse(nonceTo, null),
                fields.texts("headers"));
    }

    @Override
    public Auth auth(AuthContext context) {
        List<String> missing = new ArrayList<>();
        if (secret.isEmpty()) {
            missing.add("auth.secret");
        }
        headers.forEach((name, value) -> {
            if (value.isEmpty()) {
                missing.add("auth.headers." + name);
            }
        });
        return new HmacAuth(this, missing.isEmpty() ? "" : missing.get(0), context.clock());
    }

    @Override
    public AuthSettings withCredential(String credential) {
        return new FixedAuthSettings(
                FixedAuthSettings.Type.BEARER, credential, null, null, null, null, null, null, Map.of(), false);
    }

    @Override
    public String toString() {
        return "AuthSettings[type=hmac, to=%s]".formatted(to);
    }
}
