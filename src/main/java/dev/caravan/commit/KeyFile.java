package dev.caravan.commit;

import dev.caravan.batch.Sha256;
import dev.caravan.lake.Lake;
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
import java.util.function.Consumer;

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
    private static final int CHUNK = 10_000;

    private KeyFile() {}

    /** Writes {@code keys} to {@code name} in the staging folder of {@code epoch}, durably. */
    static StagedKeys stage(Lake lake, Path folder, long epoch, String name, List<SeenKey> keys) throws IOException {
        Path staging = Staging.of(folder, epoch);
        Files.createDirectories(staging);
        ByteBuffer bytes = encode(keys);
        String sha256 = sha256(bytes.duplicate());
        Path target = staging.resolve(name);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        lake.stage(List.of(target));
        return new StagedKeys("%s/%d/%s".formatted(Staging.FOLDER, epoch, name), keys.size(), sha256);
    }

    /**
     * Puts files of keys together into one, staged as {@link #stage} does.
     *
     * @throws CommitReadException if one is missing or not the one that was committed
     */
    static StagedKeys merge(
            StreamKey stream, Lake lake, Path folder, long epoch, String name, List<CommittedKeys> files)
            throws IOException {
        int count = files.stream().mapToInt(CommittedKeys::count).reduce(0, Math::addExact);
        Path staging = Staging.of(folder, epoch);
        Files.createDirectories(staging);
        Path target = staging.resolve(name);
        MessageDigest digest = Sha256.digest();
        try (FileChannel channel = FileChannel.open(
                target, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(channel, digest, header(ByteBuffer.allocate(HEADER), count).flip());
            for (CommittedKeys file : files) {
                write(channel, digest, whole(stream, lake, folder, file).position(HEADER));
            }
            channel.force(true);
        }
        lake.stage(List.of(target));
        return new StagedKeys("%s/%d/%s".formatted(Staging.FOLDER, epoch, name), count, Sha256.hex(digest));
    }

    private static void write(FileChannel channel, MessageDigest digest, ByteBuffer bytes) throws IOException {
        digest.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Reads the keys of a published commit.
     *
     * @throws CommitReadException if the file is missing or not the one that was committed
     */
    static List<SeenKey> read(StreamKey stream, Lake lake, Path folder, CommittedKeys keys) {
        List<SeenKey> all = new ArrayList<>(keys.count());
        read(stream, lake, folder, keys, all::addAll);
        return all;
    }

    /**
     * Reads the keys of a published file, some thousands at a time: those of many commits are many.
     *
     * @throws CommitReadException before anything is handed on, if the file is missing or not the one that was committed
     */
    static void read(StreamKey stream, Lake lake, Path folder, CommittedKeys keys, Consumer<List<SeenKey>> each) {
        ByteBuffer bytes = whole(stream, lake, folder, keys).position(HEADER);
        while (bytes.remaining() >= SeenKey.BYTES) {
            List<SeenKey> some = new ArrayList<>(CHUNK);
            while (some.size() < CHUNK && bytes.remaining() >= SeenKey.BYTES) {
                some.add(SeenKey.of(new KeyHash(bytes.getLong(), bytes.getLong()), bytes.getLong()));
            }
            each.accept(some);
        }
    }

    /** Returns the bytes of a file that is as it was committed: 24 MB for a million keys. */
    private static ByteBuffer whole(StreamKey stream, Lake lake, Path folder, CommittedKeys keys) {
        Path place = folder.resolve(keys.path());
        String file = lake.name(place);
        try {
            ByteBuffer bytes = ByteBuffer.wrap(lake.read(place));
            if (!sha256(bytes.duplicate()).equals(keys.sha256())) {
                throw new CommitReadException(stream, file, "is damaged: its SHA-256 is not that of the commit", null);
            }
            if (bytes.remaining() < HEADER || bytes.getInt(0) != MAGIC || bytes.getInt(Integer.BYTES) != VERSION) {
                throw new CommitReadException(stream, file, "is of a version this Caravan cannot read", null);
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new CommitReadException(stream, file, "is missing", e);
        } catch (IOException e) {
            throw CommitReadException.unreadable(stream, file, "cannot be read", e);
        }
    }

    private static ByteBuffer encode(List<SeenKey> keys) {
        ByteBuffer bytes = header(ByteBuffer.allocate(HEADER + keys.size() * SeenKey.BYTES), keys.size());
        for (SeenKey key : keys) {
            bytes.putLong(key.hash().high()).putLong(key.hash().low()).putLong(key.millis());
        }
        return bytes.flip();
    }

    private static ByteBuffer header(ByteBuffer bytes, int count) {
        return bytes.putInt(MAGIC).putInt(VERSION).putInt(count);
    }

    private static String sha256(ByteBuffer bytes) {
        MessageDigest digest = Sha256.digest();
        digest.update(bytes);
        return Sha256.hex(digest);
    }
}
