package dev.caravan.connection;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * Reads the body of an answer: whole, inflated, and never more than allowed.
 *
 * <p>Whether a body is gzip is told by its first bytes and not by {@code Content-Encoding}, which lies both ways. What comes
 * damaged or cut off is an {@link IOException}, for it may come whole the next time; a body that is too large, or packed
 * twice, or inflates beyond measure, is refused for good. Immutable; safe for any number of threads.
 */
public final class BodyReader {
    /** How many times its own length a body may inflate to: JSON stays far below, only bombs come near the 1032 of deflate. */
    private static final int MOST_RATIO = 1000;
    /** Up to here any ratio is allowed: a small answer of blanks harms nobody. */
    private static final int ANY_RATIO = 1 << 20;
    /** What is read of an answer that is no data. */
    private static final int BEGINNING = 256 * 1024;

    private static final int FIRST_PIECE = 16 * 1024;
    private static final int LARGEST_PIECE = 1024 * 1024;
    private static final Set<String> OTHER_ENCODINGS =
            Set.of("br", "zstd", "deflate", "compress", "x-compress", "dcb", "dcz");

    private final int most;

    /** @param most bytes of a body, as it is sent and inflated */
    public BodyReader(int most) {
        this.most = most;
    }

    /** The memory that bodies are read into. */
    public interface Room {
        /** Takes some of it, or throws to end the reading. */
        void take(long bytes);

        /** Gives some back. */
        void give(long bytes);
    }

    /**
     * Reads a body whole. {@code room} has given as many bytes as are returned when this ends well; when it throws, what was
     * taken is for the caller to give back.
     *
     * @throws IOException if it did not come whole
     * @throws PullException if it cannot be accepted
     */
    public byte[] read(InputStream body, Headers headers, Room room) throws IOException {
        byte[] raw = whole(body, length(headers), room);
        if (!Gzip.isAt(0, raw)) {
            checkEncoding(headers);
            return raw;
        }
        byte[] inflated = new Gzip(raw, most, MOST_RATIO, ANY_RATIO, room).inflated();
        room.give(raw.length);
        if (Gzip.isAt(0, inflated)) {
            throw new PullException(
                    Remedy.STOP, "the answer is gzip within gzip; is a proxy packing again what the vendor packed?");
        }
        return inflated;
    }

    /** Reads as much as is needed of an answer that is no data: 256 KiB, and what can be inflated of it. */
    public byte[] beginning(InputStream body) throws IOException {
        byte[] raw = body.readNBytes(BEGINNING);
        return Gzip.isAt(0, raw) ? new Gzip(raw, BEGINNING, MOST_RATIO, ANY_RATIO, ANY_ROOM).beginning() : raw;
    }

    /** As much memory as the body's own bound allows. */
    public static final Room ANY_ROOM = new Room() {
        @Override
        public void take(long bytes) {}

        @Override
        public void give(long bytes) {}
    };

    private byte[] whole(InputStream body, long length, Room room) throws IOException {
        if (length > most) {
            throw tooLarge("", most);
        }
        if (length >= 0) {
            room.take(length);
            return exactly(body, (int) length);
        }
        List<byte[]> pieces = new ArrayList<>();
        int total = 0;
        for (int size = FIRST_PIECE; ; size = Math.min(2 * size, LARGEST_PIECE)) {
            room.take(size);
            byte[] piece = body.readNBytes(size);
            room.give(size - piece.length);
            total += piece.length;
            if (total > most) {
                throw tooLarge("", most);
            }
            pieces.add(piece);
            if (piece.length < size) {
                return joined(pieces, total, room);
            }
        }
    }

    /** The head may name a length that the connection does not go by, if the body comes in chunks. */
    private static byte[] exactly(InputStream body, int length) throws IOException {
        byte[] all = new byte[length];
        int read = body.readNBytes(all, 0, length);
        if (read < length || body.read() >= 0) {
            throw new EOFException("the answer has %s bytes than the %,d of its Content-Length"
                    .formatted(read < length ? "fewer" : "more", length));
        }
        return all;
    }

    private static byte[] joined(List<byte[]> pieces, int total, Room room) {
        if (pieces.size() == 1) {
            return pieces.get(0);
        }
        room.take(total);
        byte[] all = new byte[total];
        int filled = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, filled, piece.length);
            filled += piece.length;
        }
        room.give(total);
        return all;
    }

    /** Returns the length that the head of the answer names, or -1. */
    private static long length(Headers headers) {
        return headers.first("content-length")
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(-1L);
    }

    /** Bytes of another encoding would only be called broken JSON; names that mean nothing, such as utf-8, do no harm. */
    private static void checkEncoding(Headers headers) throws ZipException {
        String encoding = headers.all("content-encoding").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(each -> each.strip().toLowerCase(Locale.ROOT))
                .filter(OTHER_ENCODINGS::contains)
                .findFirst()
                .orElse("");
        if (!encoding.isEmpty()) {
            throw new ZipException(
                    "the answer is in the encoding '%s', though only gzip was asked for".formatted(encoding));
        }
    }

    /** @param how it is measured, behind a blank; empty for as it is sent */
    static PullException tooLarge(String how, int most) {
        return new PullException(
                Remedy.STOP,
                "the answer is larger than %,d bytes%s; ask for smaller pages or raise caravan.max-page"
                        .formatted(most, how));
    }
}
