package dev.caravan.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a lake rests on, of every store. */
public abstract class BucketContract {
    /** Larger than what is put in one request. */
    private static final int LARGE = (10 << 20) + 12345;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    protected Path folder;

    /** Returns a bucket, the same at each call, in which nothing is below the prefix. */
    protected abstract Bucket bucket();

    @Test
    void createsOnceWhoeverTries() throws IOException {
        assertThat(bucket().create("a", bytes("one"))).isTrue();
        assertThat(bucket().create("a", bytes("two"))).isFalse();
        assertThat(read("a")).isEqualTo("one");
        assertThat(keys("")).containsExactly("a");
    }

    @Test
    void putsSmallAndLargeFilesAndReadsThemBack() throws IOException {
        for (int size : List.of(0, 1, 1000, LARGE)) {
            Path file = random(size);
            bucket().put("f/" + size, file);
            bucket().copy("f/" + size, "g/" + size);
            try (InputStream in = bucket().open("g/" + size)) {
                assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(file));
            }
        }
        try (InputStream in = bucket().open("f/" + LARGE)) {
            assertThat(in.read()).isNotNegative(); // and is closed before its end
        }
    }

    @Test
    void copiesAndDeletesAsOftenAsItIsAsked() throws IOException {
        bucket().create("a", bytes("one"));
        assertThat(bucket().copy("a", "b/c")).isTrue();
        assertThat(bucket().copy("a", "b/c")).isTrue();
        bucket().delete("a");
        bucket().delete("a");

        assertThat(keys("")).containsExactly("b/c");
        assertThat(bucket().exists("b/c")).isTrue();
        assertThat(read("b/c")).isEqualTo("one");
    }

    @Test
    void tellsWhatIsMissingFromWhatCannotBeRead() throws IOException {
        assertThatThrownBy(() -> bucket().open("nothing")).isInstanceOf(NoSuchFileException.class);
        assertThat(bucket().exists("nothing")).isFalse();
        assertThat(bucket().copy("nothing", "else")).isFalse();
        bucket().delete("nothing");
        assertThat(keys("nothing")).isEmpty();
    }

    @Test
    void listsAllPages() throws IOException {
        for (int i = 0; i < 20; i++) {
            bucket().create("x/date=%d/file".formatted(i), bytes("1"));
            bucket().create("x/%d".formatted(i), bytes("1"));
        }

        assertThat(bucket().list("x/", false)).hasSize(40).anyMatch(each -> each.key()
                .equals("x/date=7/"));
        assertThat(keys("x/"))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20)
                        .boxed()
                        .flatMap(i -> Stream.of("x/" + i, "x/date=%d/file".formatted(i)))
                        .toList());
    }

    /** Names of folders are of values: all that {@code FolderName} leaves as it is, or makes of what it does not. */
    @Test
    void keepsTheNamesOfFolders() throws IOException {
        List<String> names = List.of("p/name=a%20b%C3%A4/x", "p/name=%5Fx/x", "p/name=a%-1f/x", "p/name=A-b_c/x");
        for (String each : names) {
            bucket().create(each, bytes(each));
            assertThat(bucket().copy(each, each + "-copy")).isTrue();
            assertThat(read(each + "-copy")).isEqualTo(each);
            bucket().delete(each + "-copy");
        }

        assertThat(keys("p/")).containsExactlyInAnyOrderElementsOf(names);
        assertThat(bucket().list("p/", false))
                .extracting(Bucket.Listed::key)
                .contains("p/name=a%20b%C3%A4/", "p/name=%5Fx/");
    }

    protected final Path random(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(folder.resolve("random-" + size), bytes);
    }

    protected final List<String> keys(String prefix) throws IOException {
        return bucket().list(prefix, true).stream().map(Bucket.Listed::key).toList();
    }

    protected final String read(String key) throws IOException {
        try (InputStream in = bucket().open(key)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
