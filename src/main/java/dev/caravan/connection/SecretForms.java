package dev.caravan.connection;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The forms in which a secret comes back: as it is, encoded for addresses, quoted in JSON and HTML, in base64 and hexadecimal. */
final class SecretForms {
    /** Shorter ones cannot be told from other text when they are encoded. */
    private static final int SHORTEST_ENCODED = 8;

    private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

    private SecretForms() {}

    static Set<String> of(String secret) {
        Set<String> forms = new LinkedHashSet<>();
        forms.add(secret);
        String query = Uris.encodeQuery(secret);
        for (String each : List.of(query, query.replace("%20", "+"), Uris.encodeSegment(secret))) {
            forms.add(each);
            forms.add(ESCAPE.matcher(each).replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT)));
            forms.add(Uris.encodeQuery(each));
        }
        String json = json(secret);
        forms.add(json);
        forms.add(json.replace("/", "\\/"));
        forms.add(json(json)); // JSON within JSON
        forms.add(secret.replace("/", "\\/"));
        forms.add(html(secret));
        if (secret.length() >= SHORTEST_ENCODED) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            String hex = HexFormat.of().formatHex(bytes);
            forms.add(hex);
            forms.add(hex.toUpperCase(Locale.ROOT));
            for (int offset = 0; offset < 3; offset++) {
                base64(bytes, offset, forms);
            }
        }
        return forms;
    }

    /**
     * Adds what base64 makes of the secret behind so many other bytes: what stands around it changes the first and the last
     * sign only, so what lies between is found wherever the secret is part of something encoded.
     */
    private static void base64(byte[] secret, int offset, Set<String> forms) {
        byte[] bytes = new byte[offset + secret.length];
        System.arraycopy(secret, 0, bytes, offset, secret.length);
        String encoded = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        int first = offset == 0 ? 0 : offset + 1;
        int last = bytes.length % 3 == 0 ? encoded.length() : encoded.length() - 1;
        String inner = encoded.substring(first, last);
        if (offset == 0) {
            forms.add(Base64.getEncoder().encodeToString(bytes));
            forms.add(Base64.getUrlEncoder().encodeToString(bytes));
            forms.add(encoded);
        }
        forms.add(inner);
        forms.add(inner.replace('+', '-').replace('/', '_'));
        forms.add(Uris.encodeQuery(inner));
    }

    private static String json(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char sign = text.charAt(i);
            switch (sign) {
                case '"' -> escaped.append("\\\"");
                case '\\' -> escaped.append("\\\\");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                default ->
                    escaped.append(sign < ' ' || sign > '~' ? "\\u%04x".formatted((int) sign) : String.valueOf(sign));
            }
        }
        return escaped.toString();
    }

    private static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
