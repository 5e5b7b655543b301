package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one slice that may be sent side by side, and how it went. Safe for the threads of its lanes; asked about when all
 * of them have ended.
 */
final class Errands {
    private final Queue<Errand> open;
    private final boolean needed;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final AtomicReference<Answers.@Nullable Meaning> refusal = new AtomicReference<>();
    private volatile @Nullable String obstacle;
    private volatile boolean outOfRoom;

    /** One of them. */
    interface Errand {
        Request request();

        /** Takes a page; its bytes are in {@code room}. */
        void take(Request asked, Answer answer, PageMemory.Part room);

        /** Hears of an answer that is no page, and returns whether it can do without. */
        boolean refused(Answers.Meaning meaning);
    }

    /** @param needed whether one that fails spoils them all; otherwise it is as if it had not been sent */
    Errands(Collection<? extends Errand> errands, boolean needed) {
        this.open = new ConcurrentLinkedQueue<>(errands);
        this.needed = needed;
    }

    @Nullable
    Errand next() {
        return isOver() ? null : open.poll();
    }

    private boolean isOver() {
        return failure.get() != null || refusal.get() != null || obstacle != null || outOfRoom;
    }

    void failed(Exception problem) {
        if (needed) {
            failure.compareAndSet(null, problem);
        }
    }

    void refused(Answers.Meaning meaning) {
        if (needed) {
            refusal.compareAndSet(null, meaning);
        }
    }

    void paused(String reason) {
        obstacle = reason;
    }

    void outOfRoom() {
        outOfRoom = true;
    }

    @Nullable
    Exception failure() {
        return failure.get();
    }

    Answers.@Nullable Meaning refusal() {
        return refusal.get();
    }

    @Nullable
    String obstacle() {
        return obstacle;
    }

    boolean isOutOfRoom() {
        return outOfRoom;
    }
}
