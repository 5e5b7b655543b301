package dev.caravan.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlawsTest {
    /** Sequences that begin, continue or break characters of every length. */
    private static final int[] ODD = {
        0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff
    };

    @Test
    void findsTheSameFirstWrongByteAsThePlatform() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(30)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = (byte) (random.nextInt(3) == 0 ? 'a' : ODD[random.nextInt(ODD.length)]);
            }
            assertThat(Flaws.in(bytes).firstWrong()).isEqualTo(platform(bytes));
        }
    }

    @Test
    void takesAllTextForRight() {
        StringBuilder all = new StringBuilder();
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                all.appendCodePoint(character);
            }
        }
        assertThat(Flaws.in(all.toString().replace("\\", "").getBytes(UTF_8)).isEmpty())
                .isTrue();
    }

    @Test
    void whatIsMadeLegibleIsUtf8AndAsLong() {
        byte[] bytes = new byte[10_000];
        new Random(8).nextBytes(bytes);
        byte[] legible = Flaws.in(bytes).legible(bytes);
        assertThat(legible).hasSameSizeAs(bytes);
        assertThat(platform(legible)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\ud83d\\ude00 | -1",
                "0123456\\uD83D\\uDE00 | -1",
                "\\ud83d | 0",
                "ab\\ud83d\\ud83d\\ude00 | 2",
                "\\ude00\\ud83d | 0",
                "\\ud83dx\\ude00 | 0",
                "\\\\ud83d | -1",
                "\\\\\\ud83d | 2",
                "\\\"\\udfff | 2",
                "\\ud83 | -1",
                "\\u00e9\\ud7ff\\ue000 | -1"
            })
    void findsHalvesOfCharacters(String text, int at) {
        byte[] bytes = text.getBytes(UTF_8);
        Flaws flaws = Flaws.in(bytes);
        assertThat(flaws.firstWrong()).isEqualTo(-1);
        assertThat(flaws.isEmpty()).isEqualTo(at < 0);
        if (at >= 0) {
            assertThat(flaws.between(at, at + 1)).isEqualTo(Flaws.HALF_A_CHARACTER);
            assertThat(flaws.between(0, at)).isNull();
        }
    }

    private static int platform(byte[] bytes) {
        CharsetDecoder decoder = UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return decoder.decode(in, CharBuffer.allocate(bytes.length + 1), true).isError() ? in.position() : -1;
    }
}
