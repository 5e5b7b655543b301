package dev.caravan.run;

import dev.caravan.Connection;
import dev.caravan.Stream;
import dev.caravan.page.ListStyle;
import dev.caravan.page.SyncSettings;
import dev.caravan.record.decode.DecodeSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * What a definition asks for, in short, so that a change is noticed.
 *
 * @param identity hash of what tells one record from another and orders them: key, cursor, partitions, disposition
 * @param request hash of what is asked and how pages follow each other
 */
record Fingerprint(String identity, String request) {
    private static final int LENGTH = 16;

    static Fingerprint of(Stream stream, Connection connection) {
        Stream.Cursor cursor = stream.cursor();
        List<Object> identity = new ArrayList<>(List.of(
                stream.key(),
                cursor == null ? token(stream) : cursor.or() == null ? cursor.field() : cursor.places(),
                cursor == null ? "" : cursor.formats(),
                stream.partitions() == null ? "" : stream.partitions().identity(),
                stream.disposition()));
        if (stream.disposition() == Stream.Disposition.DELETE_INSERT) {
            identity.add(stream.zone()); // it decides which rows are of a day
        }
        return new Fingerprint(hash(identity.toArray()), hash(request(stream, connection)));
    }

    /** What came to the settings later counts only where it is given: nobody's checkpoint is to be lost for it. */
    private static Object[] request(Stream stream, Connection connection) {
        List<Object> parts = new ArrayList<>(List.of(
                connection.url(),
                connection.headers(),
                stream.method(),
                stream.url() == null ? "" : stream.url(),
                stream.path(),
                stream.query(),
                stream.headers(),
                stream.body() == null ? "" : stream.body(),
                stream.records(),
                stream.next()));
        if (stream.form() != null) {
            parts.add(stream.form());
        }
        if (stream.detail() != null) {
            parts.add(stream.detail());
        }
        if (!stream.decode().equals(DecodeSettings.USUAL)) {
            parts.add(stream.decode());
        }
        if (stream.job() != null) {
            parts.add(stream.job());
        }
        if (stream.sync() != null && stream.sync().full() != null) {
            parts.add(stream.sync());
        }
        if (stream.queryLists() != ListStyle.REPEAT) {
            parts.add(stream.queryLists());
        }
        return parts.toArray();
    }

    private static Object token(Stream stream) {
        SyncSettings sync = stream.sync();
        return sync == null ? "" : "token " + sync.token();
    }

    /** Reads what {@link #toString} wrote. */
    static Fingerprint parse(String text) {
        int colon = text.indexOf(':');
        return colon < 0
                ? new Fingerprint(text, "")
                : new Fingerprint(text.substring(0, colon), text.substring(colon + 1));
    }

    private static String hash(Object... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Object part : parts) {
                byte[] bytes = Objects.toString(part).getBytes(StandardCharsets.UTF_8);
                digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) ':');
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return identity + ":" + request;
    }
}
