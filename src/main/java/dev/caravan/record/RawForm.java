package dev.caravan.record;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The record as text in a field, for warehouses that take it apart themselves: {@code org_slug}, {@code raw_data},
 * {@code extracted_at}, and fields of ours that all begin with {@code _caravan_}.
 *
 * <p>Immutable; safe for any number of threads.
 */
public final class RawForm implements RecordForm {
    /** What stands for an ASCII sign in a JSON string; null for the sign itself. */
    private static final byte[] @Nullable [] ESCAPES = escapes();

    private final byte[] before;
    private final byte[] after;

    /**
     * @param organisation whose data it is, the connection's tag {@code org}
     * @param run id of the run that pulls
     * @param extractedAt when it began to
     * @param added further fields in their order, such as the partition's; each gets the prefix {@code _caravan_}
     */
    public RawForm(String organisation, String run, Instant extractedAt, Map<String, String> added) {
        Map<String, String> ours = new LinkedHashMap<>();
        added.forEach((name, value) -> ours.put(FlatForm.PREFIX + name, value));
        ours.put(FlatForm.PREFIX + "run", run);
        ours.put(FlatForm.PREFIX + "extracted_at", extractedAt.toString());
        String behind = ours.entrySet().stream()
                .map(each -> "," + member(each.getKey(), each.getValue()))
                .collect(Collectors.joining());
        this.before = ("{" + member("org_slug", organisation) + ",\"raw_data\":\"").getBytes(StandardCharsets.UTF_8);
        this.after = ("\"," + member("extracted_at", extractedAt.toString()) + behind + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String member(String name, String value) {
        return new String(Splice.member(name, value), StandardCharsets.UTF_8);
    }

    @Override
    public void write(SourceRecord record, OutputStream out) throws IOException {
        byte[] bytes = record.bytes();
        int end = record.offset() + record.length();
        byte[] line = new byte[before.length + after.length + escapedLength(bytes, record.offset(), end)];
        System.arraycopy(before, 0, line, 0, before.length);
        int at = before.length;
        for (int i = record.offset(); i < end; i++) {
            byte @Nullable [] escape = bytes[i] < 0 ? null : ESCAPES[bytes[i]];
            if (escape == null) {
                line[at++] = bytes[i];
            } else {
                System.arraycopy(escape, 0, line, at, escape.length);
                at += escape.length;
            }
        }
        System.arraycopy(after, 0, line, at, after.length);
        out.write(line);
    }

    private static int escapedLength(byte[] bytes, int from, int end) {
        int length = end - from;
        for (int i = from; i < end; i++) {
            byte @Nullable [] escape = bytes[i] < 0 ? null : ESCAPES[bytes[i]];
            length += escape == null ? 0 : escape.length - 1;
        }
        return length;
    }

    private static byte[] @Nullable [] escapes() {
        byte[] @Nullable [] escapes = new byte[128][];
        for (int i = 0; i < ' '; i++) {
            escapes[i] = "\\u%04x".formatted(i).getBytes(StandardCharsets.US_ASCII);
        }
        escapes['\n'] = new byte[] {'\\', 'n'};
        escapes['\r'] = new byte[] {'\\', 'r'};
        escapes['\t'] = new byte[] {'\\', 't'};
        escapes['"'] = new byte[] {'\\', '"'};
        escapes['\\'] = new byte[] {'\\', '\\'};
        return escapes;
    }
}
