package dev.caravan.record.decode;

import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.Reject;
import dev.caravan.record.Strictness;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an array of lines that each are JSON. A line that is not is rejected by itself: where it ends is known. The first and the
 * last must be: an answer that begins otherwise is no JSON Lines, and one that ends otherwise was cut off.
 */
final class JsonLines {
    private JsonLines() {}

    static Decoded decode(byte[] body) {
        return decode(body, true, true);
    }

    /**
     * @param first whether the first line here is that of the answer
     * @param last whether the last one is
     */
    static Decoded decode(byte[] body, boolean first, boolean last) {
        ByteArrayOutputStream array = new ByteArrayOutputStream(body.length + 2);
        List<Reject> rejects = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        array.write('[');
        int place = 0;
        for (int start = mark(body), end; start < body.length; start = end + 1) {
            end = lineEnd(body, start);
            int length = trimmed(body, start, end) - start;
            if (length == 0) {
                continue;
            }
            String fault = Strictness.fault(body, start, length);
            if (fault == null) {
                array.write(places.isEmpty() ? ' ' : ',');
                array.write(body, start, length);
                places.add(place);
            } else if (first && place == 0) {
                throw RecordDecodeException.broken("its first line is no JSON, %s".formatted(fault), null);
            } else if (last && end == body.length) {
                throw RecordDecodeException.broken("its last line has no end, %s".formatted(fault), null);
            } else {
                rejects.add(new Reject(place, null, fault, body, start, length));
            }
            place++;
        }
        array.write(']');
        return new Decoded(array.toByteArray(), rejects, places);
    }

    private static int mark(byte[] body) {
        return body.length >= 3 && body[0] == (byte) 0xef && body[1] == (byte) 0xbb && body[2] == (byte) 0xbf ? 3 : 0;
    }

    private static int lineEnd(byte[] body, int from) {
        int at = from;
        while (at < body.length && body[at] != '\n') {
            at++;
        }
        return at;
    }

    private static int trimmed(byte[] body, int start, int end) {
        int at = end;
        while (at > start && (body[at - 1] == '\r' || body[at - 1] == ' ' || body[at - 1] == '\t')) {
            at--;
        }
        return at;
    }
}
