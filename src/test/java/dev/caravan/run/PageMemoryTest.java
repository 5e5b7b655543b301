package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.run.PageMemory.NoRoomException;
import dev.caravan.run.PageMemory.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageMemoryTest {
    private final PageMemory memory = new PageMemory(1000);
    private final Share one = memory.share();
    private final Share other = memory.share();

    @Test
    void givesBackWhatABatchHeldWhenItIsCommitted() {
        page(one, 300);
        one.keepPage();
        page(one, 200);
        one.keepPage();
        assertThat(memory.taken()).isEqualTo(500);
        one.drop();
        one.drop();
        assertThat(memory.taken()).isZero();
    }

    @Test
    void keepsWhatABatchHoldsThatHasLeftItsSlice() {
        page(one, 800);
        one.keepPage();
        PageMemory.Leaving leaving = one.leave();
        page(one, 100);
        one.keepPage();
        assertThat(memory.taken()).isEqualTo(900);
        assertThat(one.isScarce()).isTrue();
        one.drop();
        assertThat(memory.taken()).isEqualTo(800);
        leaving.drop();
        leaving.drop();
        assertThat(memory.taken()).isZero();
        assertThat(one.isScarce()).isFalse();
    }

    @Test
    void givesBackAPageOfWhichNothingIsKept() {
        page(one, 300);
        one.keepPage();
        page(one, 200);
        one.dropPage();
        assertThat(memory.taken()).isEqualTo(300);
    }

    @Test
    void asksForACommitWhenLittleIsLeftOrSomebodyWaits() {
        page(one, 700);
        assertThat(one.isCrowded()).as("only a batch can be committed").isFalse();
        one.keepPage();
        assertThat(one.isCrowded()).isFalse();
        refused(other, 400);
        other.wantMore();
        assertThat(other.isAdmitted()).isFalse();
        assertThat(one.isCrowded()).isTrue();
        one.drop();
        assertThat(other.isAdmitted()).isTrue();
        page(one, 400);
        one.keepPage();
        assertThat(one.isCrowded()).as("800 of 1000").isTrue();
    }

    @Test
    void setsRoomAsideForAPageThatDidNotFit() {
        page(one, 700);
        refused(other, 400);
        assertThat(other.wantMore()).isTrue();
        one.drop();
        assertThat(other.isAdmitted()).isTrue();
        assertThat(memory.taken()).isEqualTo(400);
        refused(one, 601);
        other.take(400);
        other.take(100);
        assertThat(memory.taken()).isEqualTo(500);
        other.give(200);
        assertThat(memory.taken()).isEqualTo(400);
        other.keepPage();
        assertThat(memory.taken()).isEqualTo(300);
    }

    @Test
    void letsNobodyAskForAPageBeforeThoseWhoWait() {
        page(one, 700);
        refused(other, 400);
        other.wantMore();
        assertThat(other.isAdmitted()).isFalse();
        Share third = memory.share();
        assertThat(third.isAdmitted()).isFalse();
        one.drop();
        assertThat(third.isAdmitted()).as("it came later").isFalse();
        assertThat(other.isAdmitted()).isTrue();
        assertThat(third.isAdmitted()).isTrue();
    }

    @Test
    void forgetsAWaitThatWasGivenUp() {
        page(one, 700);
        refused(other, 400);
        other.wantMore();
        assertThat(other.isAdmitted()).isFalse();
        other.drop();
        assertThat(memory.share().isAdmitted()).isTrue();
    }

    @Test
    void asksForMoreEachTimeUntilThereIsNoMore() {
        page(one, 300);
        List<Long> rooms = new ArrayList<>();
        while (one.wantMore()) {
            assertThat(one.isAdmitted()).isTrue();
            rooms.add(memory.taken());
        }
        assertThat(rooms).containsExactly(600L, 1000L);
        assertThat(memory.taken()).isZero();
        assertThat(one.isAdmitted()).as("the next page is another").isTrue();
    }

    @Test
    void neverMakesRoomForWhatIsLargerThanAll() {
        refused(one, 1001);
        assertThat(one.wantMore()).isFalse();
    }

    @Test
    void losesNoByteWhateverHappens() {
        Random random = new Random(5);
        List<Share> shares = List.of(memory.share(), memory.share(), memory.share());
        for (int i = 0; i < 100_000; i++) {
            Share share = shares.get(random.nextInt(3));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    try {
                        share.take(random.nextInt(400));
                    } catch (NoRoomException e) {
                        share.wantMore();
                    }
                }
                case 2 -> share.keepPage();
                case 3 -> share.dropPage();
                case 4 -> share.drop();
                default -> share.isAdmitted();
            }
            assertThat(memory.taken()).isBetween(0L, 1000L);
        }
        shares.forEach(Share::drop);
        assertThat(memory.taken()).isZero();
    }

    private static void page(Share share, long bytes) {
        share.take(bytes);
    }

    private static void refused(Share share, long bytes) {
        assertThatThrownBy(() -> share.take(bytes)).isInstanceOf(NoRoomException.class);
    }
}
