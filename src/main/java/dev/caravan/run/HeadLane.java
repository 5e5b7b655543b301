package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The lane of the page that the slice stands at: one request, which is the slice's own. */
final class HeadLane implements Lane {
    private final SlicePull slice;
    private boolean begun;

    HeadLane(SlicePull slice) {
        this.slice = slice;
    }

    @Override
    public boolean isMore() {
        boolean more = !begun && slice.awaitTurn();
        begun = true;
        return more;
    }

    @Override
    public void failed(Exception failure) {
        slice.laneFailed(failure);
    }

    @Override
    public Request request() {
        return slice.request();
    }

    @Override
    public void left() {
        slice.left();
    }

    @Override
    public @Nullable Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException {
        return slice.received(status, headers, body);
    }

    @Override
    public byte @Nullable [] answered(Answer received) {
        return slice.answered(received);
    }

    @Override
    public PullException unanswered(Exception failure) {
        return slice.unanswered(failure);
    }

    @Override
    public boolean mayRepeat(int usual) {
        return slice.mayRepeat(usual);
    }

    @Override
    public void again() {
        slice.again();
    }
}
