package dev.caravan.commit;

import com.fasterxml.jackson.core.JacksonException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The operating system's lock on {@code _lease}: whoever has it lives, and a process that dies, however it dies, loses it
 * at once. The file stays; it says who holds the lock, for messages only.
 *
 * <p>A process loses its locks on a file when it closes any channel to it, so within one process holders are kept in a
 * table, and nobody here opens a file that is in it.
 */
final class StreamLock implements Closeable {
    private static final Map<Path, Holder> HELD = new ConcurrentHashMap<>();
    // Far behind the text, which others must be able to read where locks are mandatory.
    private static final long LOCKED_BYTE = 1L << 40;

    private final Path file;
    private final Holder holder;
    private final FileChannel channel;

    private StreamLock(Path file, Holder holder, FileChannel channel) {
        this.file = file;
        this.holder = holder;
        this.channel = channel;
    }

    /**
     * Takes the lock of a stream, whose folder must exist.
     *
     * @throws LeaseHeldException if somebody else has it
     */
    static StreamLock take(StreamKey stream, Path folder, Holder holder) throws IOException {
        Answer answer = ask(folder, holder);
        if (answer.lock() == null) {
            throw LeaseHeldException.by(stream, answer.other());
        }
        return answer.lock();
    }

    /** Asks for the lock in {@code folder}, which must exist. */
    static Answer ask(Path folder, Holder holder) throws IOException {
        Path file = folder.toRealPath().resolve("_lease");
        Holder other = HELD.putIfAbsent(file, holder);
        if (other != null) {
            return new Answer(null, other);
        }
        FileChannel channel = null;
        StreamLock taken = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                return new Answer(null, read(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(StateJson.write(holder).getBytes(StandardCharsets.UTF_8)), 0);
            taken = new StreamLock(file, holder, channel);
            return new Answer(taken, holder);
        } finally {
            if (taken == null) {
                HELD.remove(file, holder);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    /**
     * What came of asking.
     *
     * @param lock the lock, null if somebody else has it
     * @param other who has it
     */
    record Answer(@Nullable StreamLock lock, Holder other) {}

    /** Gives the lock back; the second time does nothing. */
    @Override
    public void close() throws IOException {
        // First the lock, then the table: a taker must not open the file while this process has it locked.
        channel.close();
        HELD.remove(file, holder);
    }

    private static Holder read(FileChannel channel) throws IOException {
        try {
            byte[] text = Channels.newInputStream(channel).readNBytes(4096);
            Holder holder = StateJson.MAPPER.readValue(text, Holder.class);
            return holder == null ? Holder.UNKNOWN : holder;
        } catch (JacksonException e) {
            return Holder.UNKNOWN;
        }
    }
}
