package dev.caravan.batch;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash that files and keys are known by. */
public final class Sha256 {
    /** Looking for who provides it costs more than hashing a key, so it is done once. Never updated, hence safe to copy. */
    private static final MessageDigest BLANK = provided();

    private Sha256() {}

    /** Returns a new one. */
    public static MessageDigest digest() {
        try {
            return (MessageDigest) BLANK.clone();
        } catch (CloneNotSupportedException e) {
            return provided();
        }
    }

    private static MessageDigest provided() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Ends {@code digest} and returns it as commits name it. */
    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
