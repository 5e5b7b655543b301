package dev.caravan.record.decode;

import dev.caravan.record.RecordDecodeException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which encoding the text of an answer is in.
 *
 * <p>What the file says counts, then a byte order mark or the zeros of UTF-16 and UTF-32, then the head's {@code charset}: but
 * heads say ISO-8859-1 by habit, so bytes that are UTF-8 stay UTF-8 whatever the head calls them.
 */
final class Encodings {
    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([\\w:.+-]{1,40})");
    private static final Set<Charset> PLAIN = Set.of(StandardCharsets.UTF_8, StandardCharsets.US_ASCII);

    private Encodings() {}

    /** Returns the answer in UTF-8, itself if it is that already. */
    static byte[] utf8(byte[] body, @Nullable Charset wanted, @Nullable String contentType) {
        Charset found = wanted != null ? wanted : of(body, contentType);
        if (PLAIN.contains(found)) {
            return body;
        }
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(text(body, found));
        int mark = encoded.remaining() >= 3
                        && encoded.get(0) == (byte) 0xef
                        && encoded.get(1) == (byte) 0xbb
                        && encoded.get(2) == (byte) 0xbf
                ? 3
                : 0;
        byte[] bytes = new byte[encoded.remaining() - mark];
        encoded.position(mark);
        encoded.get(bytes);
        return bytes;
    }

    static Charset of(byte[] body, @Nullable String contentType) {
        return marked(body)
                .or(() -> named(contentType).filter(each -> PLAIN.contains(each) || !isUtf8(body)))
                .orElse(StandardCharsets.UTF_8);
    }

    private static Optional<Charset> marked(byte[] body) {
        if (body.length < 2) {
            return Optional.empty();
        }
        int first = (body[0] & 0xff) << 8 | (body[1] & 0xff);
        int second = body.length < 4 ? -1 : (body[2] & 0xff) << 8 | (body[3] & 0xff);
        if (first == 0 && second > 0) {
            return Optional.of(Charset.forName("UTF-32BE"));
        }
        if (second == 0 && (first == 0xfffe || body[1] == 0)) {
            return Optional.of(Charset.forName("UTF-32LE"));
        }
        if (first == 0xfeff || first == 0xfffe) {
            return Optional.of(first == 0xfeff ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE);
        }
        if (body[0] == 0 || body[1] == 0) {
            return Optional.of(body[0] == 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE);
        }
        return Optional.empty();
    }

    private static Optional<Charset> named(@Nullable String contentType) {
        if (contentType == null) {
            return Optional.empty();
        }
        Matcher charset = CHARSET.matcher(contentType);
        try {
            return charset.find()
                    ? Optional.of(Charset.forName(charset.group(1).toLowerCase(Locale.ROOT)))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a name that means nothing does no harm
        }
    }

    private static boolean isUtf8(byte[] body) {
        try {
            strictly(body, StandardCharsets.UTF_8);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static CharBuffer strictly(byte[] body, Charset charset) throws CharacterCodingException {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(body));
    }

    private static CharBuffer text(byte[] body, Charset charset) {
        try {
            return strictly(body, charset);
        } catch (CharacterCodingException e) {
            throw RecordDecodeException.broken("it is not %s throughout".formatted(charset.name()), e);
        }
    }
}
