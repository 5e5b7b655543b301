package dev.caravan.app;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.connection.Redaction;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes secrets and personal data out of JSON that is kept as an example. A secret becomes {@code ***}; a personal value becomes
 * another one, which is the same wherever the value comes again, so that keys and joins still hold. All else, numbers included,
 * stays as it was written. Safe for any number of threads.
 */
final class Masking {
    static final List<String> PERSONAL = List.of(
            "email",
            "email_address",
            "emails",
            "phone",
            "phone_number",
            "mobile",
            "first_name",
            "last_name",
            "firstname",
            "lastname",
            "full_name",
            "given_name",
            "family_name",
            "real_name",
            "display_name",
            "address",
            "address1",
            "address2",
            "street",
            "line1",
            "line2",
            "zip",
            "postal_code",
            "ip",
            "ip_address",
            "user_ip",
            "birthday",
            "date_of_birth");

    private static final int DIGITS = 10;

    private final Set<String> names;
    private final byte[] salt = new byte[16];

    /** @param names fields whose values are personal, at any depth */
    Masking(Collection<String> names) {
        this.names = names.stream().map(Masking::plain).collect(Collectors.toUnmodifiableSet());
        new SecureRandom().nextBytes(salt);
    }

    /** Returns {@code text} masked; what is no JSON loses its secrets only. */
    String text(String text, Redaction redaction) throws IOException {
        StringWriter out = new StringWriter(text.length() + 16);
        try (JsonParser parser = StrictJson.factory().createParser(text);
                JsonGenerator generator = StrictJson.factory().createGenerator(out)) {
            JsonToken first = parser.nextToken();
            if (first == null || first.isScalarValue()) {
                return redaction.text(text);
            }
            copy(parser, generator, redaction, Kind.PLAIN);
            if (parser.nextToken() != null) {
                return redaction.text(text);
            }
        } catch (JsonProcessingException e) {
            return redaction.text(text);
        }
        return out.toString();
    }

    private enum Kind {
        PLAIN,
        SECRET,
        PERSONAL
    }

    private void copy(JsonParser parser, JsonGenerator generator, Redaction redaction, Kind kind) throws IOException {
        JsonToken token = parser.currentToken();
        switch (token) {
            case START_OBJECT -> {
                generator.writeStartObject();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    generator.writeFieldName(redaction.values(name));
                    parser.nextToken();
                    copy(parser, generator, redaction, kind == Kind.PLAIN ? kind(name) : kind);
                }
                generator.writeEndObject();
            }
            case START_ARRAY -> {
                generator.writeStartArray();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    copy(parser, generator, redaction, kind);
                }
                generator.writeEndArray();
            }
            case VALUE_STRING -> generator.writeString(masked(parser.getText(), redaction, kind));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                if (kind == Kind.PLAIN) {
                    generator.writeNumber(parser.getText());
                } else {
                    generator.writeString(masked(parser.getText(), redaction, kind));
                }
            }
            default -> generator.copyCurrentEvent(parser);
        }
    }

    private Kind kind(String name) {
        if (Redaction.isSecret(name)) {
            return Kind.SECRET;
        }
        return names.contains(plain(name)) ? Kind.PERSONAL : Kind.PLAIN;
    }

    private String masked(String value, Redaction redaction, Kind kind) {
        return switch (kind) {
            case SECRET -> value.isEmpty() ? "" : "***";
            case PERSONAL -> value.isEmpty() ? "" : pseudonym(value);
            case PLAIN -> redaction.values(value);
        };
    }

    private String pseudonym(String value) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            String digits = HexFormat.of()
                    .formatHex(digest.digest(value.getBytes(StandardCharsets.UTF_8)))
                    .substring(0, DIGITS);
            return value.contains("@") ? digits + "@example.com" : digits;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java comes with SHA-256", e);
        }
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
}
