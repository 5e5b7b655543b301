package dev.caravan.connection.auth;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key in PEM.
 *
 * @param algorithm as a token names it
 * @param javaName as Java does
 * @param secrets what must not be shown of it
 */
record SigningKey(PrivateKey key, String algorithm, String javaName, Set<String> secrets) {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END");
    /** Algorithm of an RSA key in PKCS #8: the object identifier 1.2.840.113549.1.1.1 without parameters. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    private static final int LEAST_SECRET_LINE = 16;

    /**
     * Reads a key as PKCS #8, or an RSA key as PKCS #1.
     *
     * @param where it comes from, for messages, which show nothing of it
     */
    static SigningKey parse(String text, String where) {
        // In the environment, the lines of a key are often written as one.
        String lines = text.replace("\\n", "\n");
        Matcher pem = PEM.matcher(lines);
        if (!pem.find()) {
            throw new IllegalArgumentException("auth: %s holds no private key in PEM".formatted(where));
        }
        Set<String> secrets = new LinkedHashSet<>(List.of(text, lines));
        lines.lines()
                .map(String::strip)
                .filter(line -> line.length() >= LEAST_SECRET_LINE && !line.startsWith("-----"))
                .forEach(secrets::add);
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(pem.group(2));
            boolean pkcs1 = pem.group(1).startsWith("RSA");
            return key(pkcs1 ? pkcs8(bytes) : bytes, secrets);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "auth: %s holds a private key that is neither RSA nor of the curve P-256 in PKCS #8; convert it: openssl pkcs8 -topk8 -nocrypt"
                            .formatted(where));
        }
    }

    private static SigningKey key(byte[] pkcs8, Set<String> secrets) throws GeneralSecurityException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        try {
            return new SigningKey(
                    KeyFactory.getInstance("RSA").generatePrivate(spec), "RS256", "SHA256withRSA", secrets);
        } catch (GeneralSecurityException e) {
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(spec);
            if (!(key instanceof ECPrivateKey curve)
                    || curve.getParams().getOrder().bitLength() != 256) {
                throw e;
            }
            return new SigningKey(key, "ES256", "SHA256withECDSAinP1363Format", secrets);
        }
    }

    private static byte[] pkcs8(byte[] pkcs1) {
        byte[] octets = der(0x04, pkcs1);
        byte[] version = {0x02, 0x01, 0x00};
        byte[] inner = ByteBuffer.allocate(version.length + RSA.length + octets.length)
                .put(version)
                .put(RSA)
                .put(octets)
                .array();
        return der(0x30, inner);
    }

    /** Writes an element of DER: tag, length, content. */
    private static byte[] der(int tag, byte[] content) {
        ByteBuffer written = ByteBuffer.allocate(content.length + 4).put((byte) tag);
        if (content.length < 0x80) {
            written.put((byte) content.length);
        } else if (content.length < 0x100) {
            written.put((byte) 0x81).put((byte) content.length);
        } else {
            written.put((byte) 0x82).putShort((short) content.length);
        }
        written.put(content);
        byte[] all = new byte[written.position()];
        written.flip().get(all);
        return all;
    }

    @Override
    public String toString() {
        return "SigningKey[" + algorithm + "]";
    }
}
