package dev.caravan.run;

import dev.caravan.connection.Request;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.page.Position;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that is sent before the slice stands at its page, so that it comes while the records of the page
 * before are taken in. One thread sends the request; that of the slice takes what came, unread, and treats it as if it had
 * asked for it then: what it means, and whether it is asked for again, is decided in the order of the pages.
 *
 * <p>Safe for these two threads.
 */
public final class EarlyAnswer {
    private enum State {
        /** Nobody has sent the request. */
        WAITING,
        SENT,
        ANSWERED,
        /** The slice has taken it, or sends the request itself. */
        TAKEN,
        GIVEN_UP
    }

    private final String name = UUID.randomUUID().toString();
    private final Position position;
    private final Request request;
    private final Limiter.Pass pass;
    private State state = State.WAITING;
    private boolean awaited;
    private @Nullable Closeable answer;
    private @Nullable IOException failure;
    private @Nullable Runnable cancel;
    private Runnable over = () -> {};

    EarlyAnswer(Position position, Request request, Limiter.Pass pass) {
        this.position = position;
        this.request = request;
        this.pass = pass;
    }

    /** Returns what nobody can guess, and no other has. */
    public String name() {
        return name;
    }

    Position position() {
        return position;
    }

    public Request request() {
        return request;
    }

    Limiter.Pass pass() {
        return pass;
    }

    /** Has this run once, when the answer is taken or given up. */
    public synchronized void whenOver(Runnable then) {
        over = then;
    }

    /**
     * The thread that sends the request is about to.
     *
     * @param stop ends the request wherever it is, for any thread
     * @return false if it is not to be sent
     */
    public synchronized boolean begin(Runnable stop) {
        if (state != State.WAITING) {
            return false;
        }
        state = State.SENT;
        cancel = stop;
        return true;
    }

    /** The head of the answer is here; its body is read by whoever takes it. */
    public void arrived(Closeable answered) throws IOException {
        if (!came(answered, null)) {
            answered.close();
        }
    }

    /** No answer came. */
    public void failed(IOException why) {
        came(null, why);
    }

    private synchronized boolean came(@Nullable Closeable answered, @Nullable IOException why) {
        if (state != State.SENT) {
            return false;
        }
        state = State.ANSWERED;
        answer = answered;
        failure = why;
        if (!awaited) {
            pass.leave(); // for the vendor it is done; for how long the slice is busy is not the vendor's concern
        }
        notifyAll();
        return true;
    }

    /**
     * Waits for the answer. How long that may take is the request's own business.
     *
     * @return the answer, or null if the request was not sent yet, or was taken before: whoever calls sends it then
     * @throws IOException what the request failed with
     */
    public @Nullable Closeable take() throws IOException {
        Closeable taken;
        IOException failed;
        synchronized (this) {
            awaited = true;
            while (state == State.SENT) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("Interrupted while waiting for an answer");
                }
            }
            taken = state == State.ANSWERED ? answer : null;
            failed = state == State.ANSWERED ? failure : null;
            if (state == State.GIVEN_UP || state == State.TAKEN) {
                return null;
            }
            state = State.TAKEN;
        }
        over.run();
        if (failed != null) {
            throw failed;
        }
        return taken;
    }

    /** Nobody wants it any more. */
    void giveUp() {
        Closeable unread;
        Runnable stop;
        synchronized (this) {
            if (state == State.TAKEN || state == State.GIVEN_UP) {
                return;
            }
            unread = answer;
            stop = state == State.SENT ? cancel : null;
            state = State.GIVEN_UP;
        }
        pass.leave();
        over.run();
        if (stop != null) {
            stop.run();
        }
        close(unread);
    }

    private static void close(@Nullable Closeable unread) {
        try {
            if (unread != null) {
                unread.close();
            }
        } catch (IOException e) {
            // Its connection is closed unread; that this fails harms nobody.
        }
    }
}
