package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record that was not taken, and why.
 *
 * @param reason one of few texts, so that rejects can be counted by it
 * @param page position of the page it came with, null for the first
 * @param raw the record as it was received, as text
 * @param encoding null if the record's bytes are {@code raw} in UTF-8; {@link #BYTES} if they are not UTF-8
 * @param index place or name in its container, null if its stream asks for none
 * @param partition fields of the partition it belongs to, empty without partitions
 */
@JsonPropertyOrder({"reason", "page", "raw", "encoding", "index", "partition"})
public record Reject(
        String reason,
        @Nullable String page,
        String raw,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String encoding,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Object index,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> partition) {
    /** Each character of the text is the byte of its number. Nothing is lost, and what is ASCII can still be read. */
    static final String BYTES = "iso-8859-1";

    /** A record that was too large for its stream is not too large for a line. */
    private static final ObjectMapper JSON = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());

    public Reject {
        partition = partition == null ? Map.of() : Map.copyOf(partition);
    }

    /** Returns a reject of these bytes, whatever they are. */
    public static Reject of(
            String reason,
            @Nullable String page,
            byte[] received,
            @Nullable Object index,
            Map<String, String> partition) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(received))
                    .toString();
            return new Reject(reason, page, text, null, index, partition);
        } catch (CharacterCodingException e) {
            return new Reject(reason, page, new String(received, StandardCharsets.ISO_8859_1), BYTES, index, partition);
        }
    }

    /**
     * Reads a line that {@link RejectSink} wrote.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static Reject parse(String line) {
        try {
            return JSON.readValue(line, Reject.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not a rejected record: " + e.getOriginalMessage(), e);
        }
    }

    /** Returns the record as it was received, byte for byte. */
    public byte[] received() {
        return raw.getBytes(encoding == null ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }
}
