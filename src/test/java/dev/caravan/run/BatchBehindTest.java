package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are written and committed while their slice pulls the next one. */
@Timeout(20)
class BatchBehindTest {
    private static final String URL = "https://api.acme.example/v1";
    /** Twenty pages of two; a batch takes two of them. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 40, 2);

    private static final List<Long> ALL = LongStream.range(0, 40).boxed().toList();
    private static final Executor NOBODY = task -> {
        throw new RejectedExecutionException();
    };

    private final Path folder;
    private final Workshop workshop;
    private final List<Request> asked = new ArrayList<>();
    private final AtomicInteger handedOver = new AtomicInteger();

    BatchBehindTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, new MutableClock("2026-03-11T00:00:00Z")).withBatchRows(4);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void theNextPageIsAskedForBeforeABatchIsWritten() {
        List<CountDownLatch> pages = new ArrayList<>();
        for (int i = 0; i <= 20; i++) {
            pages.add(new CountDownLatch(1));
        }
        workshop.withBatchThreads(threads(task -> {
            await(pages.get(2 * handedOver.incrementAndGet() + 1)); // the page behind the batch
            task.run();
        }));

        RunSummary summary = pull(page -> pages.get(page).countDown());

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(40);
        assertThat(handedOver).as("all but the last").hasValue(9);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ALL);
        assertThat(workshop.memory().taken()).isZero();
    }

    @Test
    void aSliceWritesItsBatchItselfWhenNobodyIsFree() {
        workshop.withBatchThreads(NOBODY);

        RunSummary summary = pull(page -> {});

        assertThat(summary.rows()).isEqualTo(40);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ALL);
    }

    @Test
    void aBatchThatCouldNotBeWrittenIsWrittenByItsSliceBeforeTheNext() {
        Path there = folder.resolve("acme");
        Path away = folder.resolve("away");
        workshop.withBatchThreads(task -> {
            if (handedOver.incrementAndGet() == 2) {
                move(there, away);
                write(there);
                task.run();
                delete(there);
                move(away, there);
            } else {
                task.run();
            }
        });

        RunSummary summary = pull(page -> {});

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ALL);
    }

    @Test
    void aSliceThatFailsWaitsForTheBatchThatIsUnderWay() {
        CountDownLatch failing = new CountDownLatch(1);
        workshop.withBatchThreads(threads(task -> {
            handedOver.incrementAndGet();
            await(failing);
            task.run();
        }));

        RunSummary failed = pull(page -> {
            if (page == 4) {
                failing.countDown();
                throw new PullException(Remedy.STOP, "page 4 is broken");
            }
        });

        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.error()).contains("page 4 is broken");
        assertThat(failed.rows()).isEqualTo(4);
        assertThat(workshop.memory().taken()).isZero();

        asked.clear();
        RunSummary next = pull(page -> {});

        assertThat(next.pages()).as("goes on behind the batch").isEqualTo(18);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ALL);
    }

    @Test
    void aPauseWaitsForTheBatchThatIsUnderWayAndIsCalledOne() {
        Thread puller = Thread.currentThread();
        workshop.withBatchThreads(threads(task -> {
            Awaitility.await().until(() -> puller.getState() == Thread.State.WAITING);
            task.run();
        }));
        LiveStream orders = orders();
        List<Pull> slices = new ArrayList<>();

        RunSummary paused = new ByHand(request -> {
                    asked.add(request);
                    slices.addAll(orders.run().orElseThrow().getSlices());
                    return answer(200, API.answer(request.uri()));
                })
                .pull(orders, RunRequest.now(), () -> asked.size() < 3);

        assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(paused.rows())
                .as("the batch that was under way, and what was in hand")
                .isEqualTo(6);
        assertThat(slices.get(0).whereabouts().step()).isEqualTo("paused");
    }

    @Test
    void severalSinksGetWhatIsHandedOver() {
        workshop.withBatchThreads(threads(task -> {
            handedOver.incrementAndGet();
            task.run();
        }));
        LiveStream orders = workshop.live(Workshop.vendor(
                URL,
                Workshop.stream(
                        "orders",
                        ORDERS.replace("window: 1d", "window: 100d")
                                + "sink: [{batch: {rows: 4}}, {name: b, batch: {rows: 4}}]\n")));

        RunSummary summary = new ByHand(request -> answer(200, API.answer(request.uri()))).pull(orders);

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(handedOver).hasValue(9);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ALL);
        assertThat(workshop.ids("acme/orders@b")).isEqualTo(ALL);
    }

    @Test
    void aCommitThatFailedIsNotMadeAgain() {
        AtomicInteger writes = new AtomicInteger();
        AtomicInteger commits = new AtomicInteger();
        BatchBehind behind = new BatchBehind(
                new Ledger.Outgoing() {
                    @Override
                    public void write() {
                        writes.incrementAndGet();
                    }

                    @Override
                    public List<SealedFile> commit() {
                        commits.incrementAndGet();
                        throw new IllegalStateException("the log is gone");
                    }
                },
                files -> {});

        assertThat(behind.start(Runnable::run)).isTrue();
        behind.write();

        assertThat(behind.isLeft()).isTrue();
        assertThatThrownBy(behind::commit).hasMessage("the log is gone");
        assertThatThrownBy(behind::commit).hasMessageContaining("commit of the batch before has failed");
        assertThat(writes).hasValue(1);
        assertThat(commits).hasValue(1);
    }

    @Test
    void anInterruptionIsHandedOn() throws InterruptedException {
        CountDownLatch writing = new CountDownLatch(1);
        BatchBehind behind = new BatchBehind(
                new Ledger.Outgoing() {
                    @Override
                    public void write() {
                        writing.countDown();
                        BatchBehindTest.await(new CountDownLatch(1));
                    }

                    @Override
                    public List<SealedFile> commit() {
                        return List.of();
                    }
                },
                files -> {});
        behind.start(threads(Runnable::run));
        writing.await();

        Thread.currentThread().interrupt();

        assertThat(behind.await()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(behind.failure()).hasMessage("interrupted");
    }

    private LiveStream orders() {
        return workshop.live(
                Workshop.vendor(URL, Workshop.stream("orders", ORDERS.replace("window: 1d", "window: 100d"))));
    }

    private RunSummary pull(Consumer<Integer> before) {
        return new ByHand(request -> {
                    asked.add(request);
                    before.accept(asked.size());
                    return answer(200, API.answer(request.uri()));
                })
                .pull(orders());
    }

    private static Executor threads(Consumer<Runnable> how) {
        return task -> new Thread(() -> how.accept(task)).start();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
