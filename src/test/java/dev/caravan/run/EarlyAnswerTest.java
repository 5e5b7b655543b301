package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Request;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.page.Position;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class EarlyAnswerTest {
    private final Limiter limiter = Limiter.ofProcess(100, 10, Clock.systemUTC());
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger over = new AtomicInteger();
    private final Closeable answer = closed::incrementAndGet;
    private final EarlyAnswer early = early();

    @Test
    void bringsWhatCameAndHasNoPlaceInFlightMeanwhile() throws Exception {
        assertThat(limiter.inFlight()).isEqualTo(1);
        assertThat(early.begin(cancelled::incrementAndGet)).isTrue();
        early.arrived(answer);
        assertThat(limiter.inFlight()).isZero();
        assertThat(early.take()).isSameAs(answer);
        assertThat(early.take()).as("the second time it is sent again").isNull();
        early.giveUp();
        assertThat(closed.get()).isZero();
        assertThat(cancelled.get()).isZero();
        assertThat(over.get()).isEqualTo(1);
    }

    @Test
    void isWaitedForAndKeepsItsPlaceUntilItIsRead() throws Exception {
        early.begin(cancelled::incrementAndGet);
        CompletableFuture<Closeable> waiting = new CompletableFuture<>();
        Thread slice = new Thread(() -> {
            try {
                waiting.complete(early.take());
            } catch (IOException e) {
                waiting.completeExceptionally(e);
            }
        });
        slice.start();
        while (slice.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        early.arrived(answer);
        assertThat(waiting.get(5, TimeUnit.SECONDS)).isSameAs(answer);
        assertThat(limiter.inFlight()).isEqualTo(1);
        early.pass().leave();
        assertThat(limiter.inFlight()).isZero();
    }

    @Test
    void isSentByTheSliceIfNobodyDidBefore() throws Exception {
        assertThat(early.take()).isNull();
        assertThat(early.begin(cancelled::incrementAndGet)).isFalse();
        assertThat(limiter.inFlight()).isEqualTo(1);
    }

    @Test
    void failsWithWhatTheRequestFailedWith() {
        early.begin(cancelled::incrementAndGet);
        early.failed(new IOException("connection reset"));
        assertThatThrownBy(early::take).isInstanceOf(IOException.class).hasMessage("connection reset");
    }

    @Test
    void isCancelledOrClosedWhenNobodyWantsIt() throws Exception {
        early.begin(cancelled::incrementAndGet);
        early.giveUp();
        assertThat(cancelled.get()).isEqualTo(1);
        early.arrived(answer);
        assertThat(closed.get()).as("what comes in spite of that").isEqualTo(1);
        assertThat(early.take()).isNull();

        EarlyAnswer unread = early();
        unread.begin(cancelled::incrementAndGet);
        unread.arrived(answer);
        unread.giveUp();
        unread.giveUp();
        assertThat(closed.get()).isEqualTo(2);

        EarlyAnswer unsent = early();
        unsent.giveUp();
        assertThat(unsent.begin(cancelled::incrementAndGet)).isFalse();
        assertThat(cancelled.get()).isEqualTo(1);
        assertThat(limiter.inFlight()).isZero();
        assertThat(over.get()).isEqualTo(3);
    }

    private EarlyAnswer early() {
        Request request = new Request("GET", URI.create("http://127.0.0.1/items?page=2"), Map.of(), null);
        Limiter.Pass pass = limiter.tryEnter(new Ask("acme-items", "GET", "/items", 1, false))
                .orElseThrow();
        EarlyAnswer made = new EarlyAnswer(Position.START, request, pass);
        made.whenOver(over::incrementAndGet);
        return made;
    }
}
