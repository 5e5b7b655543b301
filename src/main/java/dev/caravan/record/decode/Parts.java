package dev.caravan.record.decode;

import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.RecordPage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A large answer, read part by part. It is gone through once before its first record counts, which tells that it is whole and
 * where its parts begin. For one thread.
 */
public final class Parts implements Closeable {
    private final FileChannel file;
    private final Decoder decoder;
    private final Index index;
    private int next;

    /**
     * Where the parts lie.
     *
     * @param parts whole records each, one at least if there is any
     * @param rest the document without its records; empty where nothing is beside them
     */
    record Index(List<Range> parts, byte[] rest) {}

    /** Bytes of a file, {@code to} not among them. */
    record Range(long from, long to) {
        int length() {
            return Math.toIntExact(to - from);
        }
    }

    Parts(FileChannel file, Decoder decoder, Index index) {
        this.file = file;
        this.decoder = decoder;
        this.index = index;
    }

    /** Whether there are parts that were not read. */
    public boolean hasNext() {
        return next < index.parts().size();
    }

    /** Whether nothing of it was read. */
    public boolean isFresh() {
        return next == 0;
    }

    /**
     * Reads the next part; the last one comes with what the answer says beside its records.
     *
     * @param room see {@link Decoder#read}
     * @throws RecordDecodeException if it is not what the settings say
     */
    public RecordPage read(Map<String, String> given, LongConsumer room) {
        RecordPage beside = decoder.beside(index.rest(), given);
        if (!hasNext()) {
            return beside;
        }
        Range range = index.parts().get(next);
        room.accept(range.length());
        RecordPage page = decoder.part(
                bytes(range), given, next == 0, next == index.parts().size() - 1);
        next++;
        return hasNext()
                ? new RecordPage(page.records(), Map.of(), page.last(), page.rejects())
                : new RecordPage(page.records(), beside.captured(), page.last(), page.rejects());
    }

    private byte[] bytes(Range range) {
        ByteBuffer bytes = ByteBuffer.allocate(range.length());
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, range.from() + bytes.position()) < 0) {
                    throw RecordDecodeException.broken("the file that keeps it became shorter", null);
                }
            }
            return bytes.array();
        } catch (IOException e) {
            throw RecordDecodeException.broken("the file that keeps it cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        close(file);
    }

    static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close the file of an answer", e);
        }
    }
}
