package dev.caravan.sandbox;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.zip.Checksum;

/** A growing buffer of UTF-8 JSON. Not safe for several threads. */
final class JsonBuffer {
    private static final ObjectMapper READER = new ObjectMapper();
    private static final byte[] SMALLEST = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

    private static final long SECONDS_A_DAY = 86_400;

    private byte[] bytes;
    private int size;

    JsonBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    static JsonBuffer of(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return new JsonBuffer(encoded.length).raw(encoded);
    }

    int size() {
        return size;
    }

    /** What was written, which must be one value. */
    JsonNode tree() {
        try {
            return READER.readTree(bytes, 0, size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonBuffer raw(byte[] more) {
        ensure(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
        return this;
    }

    JsonBuffer raw(char ascii) {
        ensure(1);
        bytes[size++] = (byte) ascii;
        return this;
    }

    JsonBuffer raw(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    JsonBuffer number(long number) {
        if (number == Long.MIN_VALUE) {
            return raw(SMALLEST);
        }
        ensure(20);
        long rest = number;
        if (rest < 0) {
            bytes[size++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long power = rest; power >= 10; power /= 10) {
            digits++;
        }
        return digits(rest, digits);
    }

    /** Writes the last {@code count} decimal digits, with leading zeros. */
    JsonBuffer digits(long number, int count) {
        ensure(count);
        long rest = number;
        for (int i = count - 1; i >= 0; i--) {
            bytes[size + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += count;
        return this;
    }

    /** Writes the last {@code count} hexadecimal digits. */
    JsonBuffer hexadecimal(long number, int count) {
        for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) {
            raw(Character.forDigit((int) (number >>> shift) & 15, 16));
        }
        return this;
    }

    /** Writes a moment as ISO 8601 in UTC, to the second. */
    JsonBuffer instant(long epochSecond) {
        return local(epochSecond).raw('Z');
    }

    /** Writes a moment as ISO 8601 in UTC, to the second, without saying so. */
    JsonBuffer local(long epochSecond) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(epochSecond, SECONDS_A_DAY));
        long second = Math.floorMod(epochSecond, SECONDS_A_DAY);
        date(day).raw('T').digits(second / 3600, 2).raw(':').digits(second / 60 % 60, 2);
        return raw(':').digits(second % 60, 2);
    }

    JsonBuffer date(LocalDate day) {
        digits(day.getYear(), 4).raw('-').digits(day.getMonthValue(), 2);
        return raw('-').digits(day.getDayOfMonth(), 2);
    }

    /** Writes text as the inside of a JSON string. */
    JsonBuffer text(String text) {
        return raw(escaped(text));
    }

    JsonBuffer quoted(String text) {
        return raw('"').text(text).raw('"');
    }

    boolean contentEquals(byte[] other) {
        return Arrays.equals(bytes, 0, size, other, 0, other.length);
    }

    boolean startsWith(byte[] prefix) {
        return size >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    void clear() {
        size = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void update(Checksum checksum) {
        checksum.update(bytes, 0, size);
    }

    void writeTo(OutputStream out, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    static byte[] escaped(String text) {
        return JsonStringEncoder.getInstance().quoteAsUTF8(text);
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
