package dev.caravan.commit;

import dev.caravan.batch.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of one commit, on disk for good: the database is rebuilt from these files.
 *
 * <p>Big-endian. A header of 12 bytes: {@code CVKY}, the version (int, 1), the number of keys (int). Then for each key the
 * 16 bytes of its hash and 8 bytes for its cursor in milliseconds since 1970, {@link Long#MIN_VALUE} for none.
 */
final class KeyFile {
    private static final int MAGIC = 0x43564B59;
    private static final int VERSION = 1;
    private static final int HEADER = 3 * Integer.BYTES;
    private static final int ENTRY = KeyHash.BYTES + Long.BYTES;

    private KeyFile() {}

    /** Writes {@code keys} to {@code name} in the staging folder of {@code epoch}, forced to the disk. */
    static StagedKeys stage(Path folder, long epoch, String name, List<SeenKey> keys) throws IOException {
        Path staging = Staging.of(folder, epoch);
        Files.createDirectories(staging);
        ByteBuffer bytes = encode(keys);
        String sha256 = sha256(bytes.duplicate());
        try (FileChannel channel =
                FileChannel.open(staging.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        return new StagedKeys("%s/%d/%s".formatted(Staging.FOLDER, epoch, name), keys.size(), sha256);
    }

    /**
     * Reads the keys of a published commit.
     *
     * @throws CommitReadException if the file is missing or not the one that was committed
     */
    static List<SeenKey> read(StreamKey stream, Path folder, CommittedKeys keys) {
        Path file = folder.resolve(keys.path());
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            if (!sha256(bytes.duplicate()).equals(keys.sha256())) {
                throw new CommitReadException(stream, file, "is damaged: its SHA-256 is not that of the commit", null);
            }
            return decode(stream, file, bytes);
        } catch (NoSuchFileException e) {
            throw new CommitReadException(stream, file, "is missing", e);
        } catch (IOException e) {
            throw new CommitReadException(stream, file, "cannot be read: " + e, e);
        }
    }

    private static ByteBuffer encode(List<SeenKey> keys) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + keys.size() * ENTRY);
        bytes.putInt(MAGIC).putInt(VERSION).putInt(keys.size());
        for (SeenKey key : keys) {
            bytes.putLong(key.hash().high()).putLong(key.hash().low()).putLong(key.millis());
        }
        return bytes.flip();
    }

    private static List<SeenKey> decode(StreamKey stream, Path file, ByteBuffer bytes) {
        if (bytes.remaining() < HEADER || bytes.getInt() != MAGIC || bytes.getInt() != VERSION) {
            throw new CommitReadException(stream, file, "is of a version this Caravan cannot read", null);
        }
        int count = bytes.getInt();
        List<SeenKey> keys = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            keys.add(SeenKey.of(new KeyHash(bytes.getLong(), bytes.getLong()), bytes.getLong()));
        }
        return keys;
    }

    private static String sha256(ByteBuffer bytes) {
        MessageDigest digest = Sha256.digest();
        digest.update(bytes);
        return Sha256.hex(digest);
    }
}
