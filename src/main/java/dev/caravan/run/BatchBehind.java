package dev.caravan.run;

import dev.caravan.batch.SealedFile;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch that is written and committed by another thread while its slice pulls the next one. What fails there is the slice's to
 * settle, in the steps that are for it: {@link #write} and {@link #commit}.
 */
final class BatchBehind {
    private final Ledger.Outgoing batch;
    private final Consumer<List<SealedFile>> landed;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile State state = State.UNDER_WAY;
    private volatile @Nullable Thread thread;
    private @Nullable Throwable failure;

    private enum State {
        /** The other thread is at it. */
        UNDER_WAY,
        /** It could not be written; nothing of it counts, and it may be tried again. */
        UNWRITTEN,
        /** The slice has written it. */
        WRITTEN,
        /** Its commit failed, and whether it counts is not known. */
        UNCOMMITTED,
        COMMITTED
    }

    /** @param landed told, by whichever thread, which files count now */
    BatchBehind(Ledger.Outgoing batch, Consumer<List<SealedFile>> landed) {
        this.batch = batch;
        this.landed = landed;
    }

    /** Hands it over; false if no thread is free, and it is left to the slice. While it is at it, that thread is named after the slice's. */
    boolean start(Executor threads) {
        String name = Thread.currentThread().getName() + "-batch";
        try {
            threads.execute(() -> run(name));
            return true;
        } catch (RejectedExecutionException e) {
            state = State.UNWRITTEN;
            over.countDown();
            return false;
        }
    }

    private void run(String name) {
        Thread worker = Thread.currentThread();
        String usual = worker.getName();
        worker.setName(name);
        thread = worker;
        State reached = State.UNWRITTEN;
        try {
            batch.write();
            reached = State.UNCOMMITTED;
            landed.accept(batch.commit());
            reached = State.COMMITTED;
        } catch (Throwable e) { // the slice throws it
            failure = e;
        } finally {
            synchronized (this) {
                thread = null; // from here on an interruption is for somebody else
            }
            worker.setName(usual);
            state = reached;
            over.countDown();
        }
    }

    /** Whether it counts. */
    boolean isCommitted() {
        return state == State.COMMITTED;
    }

    /** Whether it is left to the slice, which settles it before it does anything else. */
    boolean isLeft() {
        State now = state;
        return now != State.UNDER_WAY && now != State.COMMITTED;
    }

    /**
     * Waits until the other thread is done with it. An interruption is handed on to that thread.
     *
     * @return whether it counts
     */
    boolean await() {
        boolean interrupted = false;
        while (true) {
            try {
                over.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return isCommitted();
    }

    private synchronized void interrupt() {
        Thread other = thread;
        if (other != null) {
            other.interrupt();
        }
    }

    /** Returns the thread that is at it, null if none is any more. */
    @Nullable
    Thread thread() {
        return thread;
    }

    /** Returns why it does not count, where the slice has not heard of it yet; null if there is nothing to hear. */
    @Nullable
    Throwable failure() {
        return isLeft() ? failure : null;
    }

    /** Writes it, if nobody has done so. For the slice. */
    void write() {
        if (state == State.UNWRITTEN) {
            failure = null;
            batch.write();
            state = State.WRITTEN;
        }
    }

    /**
     * Commits it, if the slice has written it. For the slice.
     *
     * @throws RuntimeException of the other thread, if it was the commit that failed
     */
    void commit() {
        switch (state) {
            case WRITTEN -> {
                state = State.UNCOMMITTED;
                landed.accept(batch.commit());
                state = State.COMMITTED;
            }
            case UNCOMMITTED -> {
                Throwable why = failure;
                failure = null;
                if (why instanceof Error error) {
                    throw error;
                }
                throw why instanceof RuntimeException problem
                        ? problem
                        : new IllegalStateException("The commit of the batch before has failed", why);
            }
            default -> {}
        }
    }
}
