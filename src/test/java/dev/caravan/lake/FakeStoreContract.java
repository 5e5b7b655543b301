package dev.caravan.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.Remedy;
import dev.caravan.testkit.FakeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The same of a store that can be told to fail. */
public abstract class FakeStoreContract extends BucketContract {
    /** Returns where the bucket of {@link #bucket()} is, below the prefix {@code p/}. */
    protected abstract FakeStore<?> store();

    /** Whether a request creates an object. */
    protected abstract boolean creates(String request);

    @Test
    void knowsWhatItHasCreatedWhenTheAnswerWasLost() throws IOException {
        store().loseAnswers(1, this::creates);

        assertThat(bucket().create("a", bytes("one"))).isTrue();
        assertThat(store().asked().stream().filter(this::creates)).hasSize(2);
        assertThat(bucket().create("a", bytes("one"))).isFalse();
    }

    @Test
    void ofManyWhoCreateAtTheSameMomentOneDoes() {
        assertThat(IntStream.range(0, 16)
                        .parallel()
                        .filter(i -> {
                            try {
                                return bucket().create("b", bytes("by " + i));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        })
                        .count())
                .isEqualTo(1);
    }

    @Test
    void saysThatNobodyAnswers() {
        store().close();

        assertTrouble(Remedy.RETRY, "Look whether the store can be reached", "LIST was not answered");
    }

    /** Asserts what is said when objects below {@code x/} are listed. */
    protected final void assertTrouble(Remedy remedy, String advice, String message) {
        assertThatThrownBy(() -> bucket().list("x/", true)).isInstanceOfSatisfying(LakeException.class, e -> {
            assertThat(e.getMessage()).contains(message).doesNotContain("test-key");
            assertThat(e.remedy()).isEqualTo(remedy);
            assertThat(e.advice()).contains(advice);
        });
    }
}
