package dev.caravan.commit;

import com.fasterxml.jackson.core.JacksonException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
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
    static StreamLock take(StreamKey stream, Path folder, String run, Clock clock) throws IOException {
        Path file = folder.toRealPath().resolve("_lease");
        Holder holder = new Holder(ProcessHandle.current().pid(), host(), run, clock.instant());
        Holder other = HELD.putIfAbsent(file, holder);
        if (other != null) {
            throw new LeaseHeldException(stream, other.toString());
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new LeaseHeldException(stream, describe(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(StateJson.write(holder).getBytes(StandardCharsets.UTF_8)), 0);
            return new StreamLock(file, holder, channel);
        } catch (IOException | RuntimeException e) {
            HELD.remove(file, holder);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    /** Gives the lock back; the second time does nothing. */
    @Override
    public void close() throws IOException {
        // First the lock, then the table: a taker must not open the file while this process has it locked.
        channel.close();
        HELD.remove(file, holder);
    }

    private static String describe(FileChannel channel) throws IOException {
        try {
            byte[] text = Channels.newInputStream(channel).readNBytes(4096);
            return String.valueOf(StateJson.MAPPER.readValue(text, Holder.class));
        } catch (JacksonException e) {
            return "a process that has not said its name yet";
        }
    }

    private static String host() {
        Path name = Path.of("/proc/sys/kernel/hostname");
        try {
            return Files.isReadable(name)
                    ? Files.readString(name).trim()
                    : String.valueOf(System.getenv("COMPUTERNAME"));
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Who holds a lock. */
    record Holder(
            long pid,
            @Nullable String host,
            @Nullable String run,
            @Nullable Instant since) {
        @Override
        public String toString() {
            return "run %s, process %d on %s, since %s".formatted(run, pid, host, since);
        }
    }
}
