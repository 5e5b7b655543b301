package dev.caravan.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
    private static final int MOST = 3 << 20;
    private static final byte[] JSON = "{\"data\":[{\"id\":1}]}".getBytes(UTF_8);

    private final BodyReader reader = new BodyReader(MOST);
    private long taken;
    private long peak;
    private final BodyReader.Room room = new BodyReader.Room() {
        @Override
        public void take(long bytes) {
            assertThat(bytes).isNotNegative();
            taken += bytes;
            peak = Math.max(peak, taken);
        }

        @Override
        public void give(long bytes) {
            taken -= bytes;
        }
    };

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 16 * 1024, 16 * 1024 + 1, 1_000_000, MOST})
    void readsAnyLengthWithAndWithoutBeingToldIt(int length) throws IOException {
        byte[] body = noise(length);
        assertThat(read(body)).isEqualTo(body);
        assertThat(taken).isEqualTo(length);
        taken = 0;
        assertThat(read(body, "Content-Length", Integer.toString(length))).isEqualTo(body);
        assertThat(taken).isEqualTo(length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 70_000, 1_000_000, MOST - 4096})
    void inflatesAnyLength(int length) throws IOException {
        byte[] body = noise(length);
        assertThat(read(gzip(body), "Content-Encoding", "gzip")).isEqualTo(body);
        assertThat(taken).isEqualTo(length);
    }

    @ParameterizedTest
    @CsvSource({"true, identity", "true, ''", "true, br", "false, gzip", "false, 'GZIP'", "false, utf-8"})
    void goesByTheBytesAndNotByTheHeader(boolean packed, String header) throws IOException {
        assertThat(read(packed ? gzip(JSON) : JSON, "Content-Encoding", header)).isEqualTo(JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "deflate", "gzip, BR"})
    void namesAnEncodingThatNobodyAskedFor(String encoding) {
        assertThatThrownBy(() -> read(noise(50), "Content-Encoding", encoding))
                .isInstanceOf(ZipException.class)
                .hasMessageContaining(encoding.replace("gzip, ", "").toLowerCase(java.util.Locale.ROOT))
                .hasMessageContaining("only gzip was asked for");
    }

    @Test
    void takesSeveralMembersForOneBody() throws IOException {
        byte[] first = noise(100_000);
        byte[] second = noise(10);
        assertThat(read(joined(gzip(first), gzip(second), gzip(new byte[0])))).isEqualTo(joined(first, second));
    }

    @Test
    void readsHeadersWithEveryOptionalField() throws IOException {
        byte[] plain = gzip(JSON);
        byte[] header = Arrays.copyOf(plain, 10);
        header[3] = 2 | 4 | 8 | 16;
        byte[] fields = joined(
                new byte[] {3, 0, 'a', 'b', 'c'}, "name\0".getBytes(UTF_8), "note\0".getBytes(UTF_8), new byte[2]);
        assertThat(read(joined(header, fields, Arrays.copyOfRange(plain, 10, plain.length))))
                .isEqualTo(JSON);
    }

    @Test
    void noticesEveryPlaceAtWhichAGzipIsCutOff() {
        byte[] whole = gzip(noise(2_000));
        for (int length = 3; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).as("%d bytes", length).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void noticesEveryBitThatIsFlippedBehindTheHeader() {
        byte[] whole = gzip(JSON);
        int unnoticed = 0;
        for (int bit = 10 * 8; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            try {
                // The last byte of deflate is padded with bits that say nothing.
                assertThat(read(damaged)).as("bit %d", bit).isEqualTo(JSON);
                unnoticed++;
            } catch (IOException e) {
                assertThat(e).isInstanceOfAny(ZipException.class, EOFException.class);
            }
        }
        assertThat(unnoticed).isLessThan(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 30})
    void refusesWhatFollowsTheEnd(int bytes) {
        assertThatThrownBy(() -> read(joined(gzip(JSON), new byte[bytes])))
                .isInstanceOf(ZipException.class)
                .hasMessageContaining(bytes + " bytes follow");
    }

    @Test
    void refusesBodiesThatAreTooLargeBeforeTheyAreRead() {
        assertRefused(() -> read(new byte[MOST + 1]), "larger than 3,145,728 bytes");
        ByteArrayInputStream unread = new ByteArrayInputStream(JSON);
        Headers lying = Headers.of(Map.of("Content-Length", List.of("999999999999")));
        assertRefused(() -> reader.read(unread, lying, room), "larger than 3,145,728 bytes");
        assertThat(unread.available()).isEqualTo(JSON.length);
        assertThat(peak).isLessThan(3L * MOST);
    }

    @Test
    void refusesBombsByTheirSize() {
        byte[] large = new byte[8 << 20];
        new Random(1).nextBytes(large);
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) "01".charAt(large[i] & 1);
        }
        assertRefused(() -> read(gzip(large)), "larger than 3,145,728 bytes when inflated");
        assertThat(peak).as("memory taken").isLessThan(3L * MOST + (8 << 20));
    }

    @Test
    void refusesBombsByTheirRatioWithoutTakingTheMemory() {
        BodyReader generous = new BodyReader(1 << 30);
        byte[] bomb = gzip(new byte[64 << 20]);
        assertRefused(
                () -> generous.read(new ByteArrayInputStream(bomb), Headers.NONE, room), "more than 1,000 times its");
        assertThat(taken).isLessThanOrEqualTo(1001L * bomb.length);
    }

    @Test
    void allowsAnyRatioWithinTheFirstMegabyte() throws IOException {
        byte[] blanks = new byte[1 << 20];
        assertThat(read(gzip(blanks))).isEqualTo(blanks);
    }

    @Test
    void refusesNestedGzip() {
        assertRefused(() -> read(gzip(gzip(JSON)), "Content-Encoding", "gzip, gzip"), "gzip within gzip");
    }

    @Test
    void believesNoTrailerThatPromisesMore() {
        byte[] lying = gzip(JSON);
        lying[lying.length - 2] = 2; // 128 KiB more than is in it
        assertThatThrownBy(() -> read(lying)).isInstanceOf(ZipException.class);
        assertThat(peak).isLessThan(100_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void noticesALengthThatIsNotThatOfTheBody(int wrong) {
        assertThatThrownBy(() -> read(JSON, "Content-Length", Integer.toString(JSON.length + wrong)))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining(wrong < 0 ? "more bytes" : "fewer bytes");
    }

    @Test
    void givesUpWhereThereIsNoRoom() {
        BodyReader.Room none = new BodyReader.Room() {
            @Override
            public void take(long bytes) {
                throw new IllegalStateException("no room");
            }

            @Override
            public void give(long bytes) {}
        };
        assertThatThrownBy(() -> reader.read(new ByteArrayInputStream(JSON), Headers.NONE, none))
                .hasMessage("no room");
    }

    @Test
    void readsNoMoreThanTheBeginningOfAnErrorWhateverItsForm() throws IOException {
        byte[] endless = new byte[1 << 20];
        assertThat(reader.beginning(new ByteArrayInputStream(endless))).hasSize(256 * 1024);
        assertThat(reader.beginning(new ByteArrayInputStream(gzip(JSON)))).isEqualTo(JSON);
        byte[] cut = Arrays.copyOf(gzip(JSON), gzip(JSON).length - 8);
        assertThat(reader.beginning(new ByteArrayInputStream(cut))).isEqualTo(JSON);
        assertThat(reader.beginning(new ByteArrayInputStream(gzip(endless)))).hasSize(256 * 1024);
    }

    private byte[] read(byte[] body, String... headers) throws IOException {
        Map<String, List<String>> all = headers.length == 0 ? Map.of() : Map.of(headers[0], List.of(headers[1]));
        return reader.read(new ByteArrayInputStream(body), Headers.of(all), room);
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading, String why) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(PullException.class, refused -> assertThat(refused.remedy())
                        .isEqualTo(Remedy.STOP))
                .hasMessageContaining(why);
    }

    /** Bytes that do not begin as gzip does and pack badly. */
    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        if (length > 0) {
            noise[0] = '[';
        }
        return noise;
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
