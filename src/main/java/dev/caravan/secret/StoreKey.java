package dev.caravan.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A key of 256 bits that seals values with AES-GCM. Its text shows its id only. Safe for any number of threads. */
final class StoreKey {
    private static final int BYTES = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] bytes;
    private final String id;

    private StoreKey(byte[] bytes) {
        this.bytes = bytes;
        this.id = id(bytes);
    }

    static StoreKey random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new StoreKey(bytes);
    }

    /**
     * Reads a key: 32 bytes in base64 or hexadecimal.
     *
     * @param where it comes from, for the message
     * @throws SecretException if {@code text} is none; the message does not repeat it
     */
    static StoreKey parse(String text, String where) {
        byte[] bytes = decoded(text.strip());
        if (bytes.length != BYTES) {
            throw new SecretException(
                    "%s holds no key: a key is 32 random bytes in base64; make one with 'openssl rand -base64 32'"
                            .formatted(where));
        }
        return new StoreKey(bytes);
    }

    private static byte[] decoded(String text) {
        try {
            return text.matches("[0-9a-fA-F]{64}")
                    ? HexFormat.of().parseHex(text)
                    : Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** Tells which key sealed a value without telling anything of the key. */
    String id() {
        return id;
    }

    String encoded() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Returns nonce and sealed value; the nonce is a new one each time. */
    byte[] seal(String value, byte[] bound) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, bound).doFinal(value.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(NONCE + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has AES-GCM", e);
        }
    }

    /** @throws GeneralSecurityException if it was not sealed with this key and for this place, or was changed since */
    String open(byte[] sealed, byte[] bound) throws GeneralSecurityException {
        if (sealed.length < NONCE) {
            throw new GeneralSecurityException("too short");
        }
        byte[] value = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE), bound)
                .doFinal(sealed, NONCE, sealed.length - NONCE);
        return new String(value, StandardCharsets.UTF_8);
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] bound) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(bytes, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(bound);
        return cipher;
    }

    private static String id(byte[] bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal("caravan key id".getBytes(StandardCharsets.UTF_8)), 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HmacSHA256", e);
        }
    }

    @Override
    public String toString() {
        return "StoreKey[" + id + "]";
    }
}
