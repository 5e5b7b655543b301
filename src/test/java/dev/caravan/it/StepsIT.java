package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Shape;
import dev.caravan.testkit.Stops;
import dev.caravan.testkit.Stops.Stop;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills a runner at every step between a request and the end of its run. There is a stream for each step; the process is
 * killed when every stream stands at its own, and once more, in the middle of the recovery and the next pull, when each
 * stands at the step of its neighbour.
 *
 * <p>{@code -Dcaravan.generations=9} has every step with every shape of stream and at its first, second and last but one
 * call.
 */
class StepsIT {
    private static final int GENERATIONS = Integer.getInteger("caravan.generations", 1);
    private static final List<Shape> SHAPES = List.of(Shape.values());
    private static final int PAGE = 10;
    private static final int FIRST = 50;
    private static final int MORE = 50;

    /** The only step at which a stream has the database for itself. */
    private static final String DATABASE = "recorded, not committed by the database";

    /** A step, and the calls of its method that are worth a kill. */
    private record Step(String name, String type, String method, List<Integer> calls) {
        Step(String name, String type, String method, int... calls) {
            this(name, type, method, Arrays.stream(calls).boxed().toList());
        }

        Stop stop(int choice) {
            return new Stop("dev.caravan." + type, method, calls.get(choice % calls.size()));
        }
    }

    private static final List<Step> STEPS = List.of(
            new Step("locked, not recovered", "commit.Recovery", "run", 1),
            new Step("recovering: commits", "commit.Recovery", "apply", 1),
            new Step("recovering: what no commit names", "commit.Recovery", "deleteOrphans", 1),
            new Step("leased, not planned", "run.RunOpening", "planned", 1),
            new Step("fetching", "run.SlicePull", "received", 1, 2, 4),
            new Step("page answered, not read", "run.SlicePull", "read", 1, 2, 4),
            new Step("page read, not in the batch", "run.SlicePull", "turn", 1, 2, 4),
            new Step("batch full, not staged or in part", "sink.StagedFile", "create", 1, 2, 5),
            new Step("rows staged, not sealed", "sink.StagedFile", "seal", 1, 2, 5),
            new Step("sealed", "camel.StreamSteps", "commit", 1, 2, 4),
            new Step("keys about to be staged", "commit.KeyFile", "stage", 1, 2, 4),
            new Step("commit about to be written", "commit.CommitLog", "create", 1, 2, 4),
            new Step("commit written, without its name", "lake.LocalLake", "giveName", 1, 2, 4),
            new Step("committed, not renamed", "commit.Publisher", "publish", 1, 2, 4),
            new Step("renamed in part", "lake.LocalLake", "moveOne", 2, 4, 5),
            new Step("renamed, not recorded", "commit.StateStore", "apply", 1, 2, 4),
            new Step(DATABASE, "commit.StateStore", "update", 1, 2, 4),
            new Step("committed by the database", "commit.KeyBatch", "committed", 1, 2, 4),
            new Step("slice done, not counted", "run.Run", "finished", 1),
            new Step("run closing, slices without rows not folded", "run.Run", "conclude", 1),
            new Step("lease about to be released", "commit.Lease", "close", 1),
            new Step("lease released, run not closed", "run.LiveStream", "ended", 1),
            new Step("run in the history, without its report", "app.Reports", "accept", 1));

    private final FakeApi api = FakeApi.start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    static IntStream generations() {
        return IntStream.range(0, GENERATIONS);
    }

    @ParameterizedTest
    @MethodSource("generations")
    void everyRecordIsCommittedOnceWhicheverStepTheRunnerDiesAt(int generation) {
        Items items = new Items(FIRST + MORE, PAGE, FIRST);
        StringBuilder routes = new StringBuilder(AcmeRoutes.account("acme", api.url()));
        for (int i = 0; i < STEPS.size(); i++) {
            api.on("/" + name(i), items);
            routes.append(shape(i, generation).stream("acme", name(i), Shape.ALL));
        }
        CaravanHome home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=" + PAGE)
                .withRoute("acme", routes.toString());

        killAtSteps(home, 0, i -> i + generation / SHAPES.size());
        items.grow(MORE);
        killAtSteps(home, 1, i -> 0);
        pull(home);
        // What came while slices were half done is behind them now, and found by looking back.
        Ended last = pull(home);

        home.run("verify").expect(0);
        for (int i = 0; i < STEPS.size(); i++) {
            assertThat(Summaries.of(last).status("acme-" + name(i))).isEqualTo("done");
            home.landed("acme/" + name(i)).assertExactlyAsServed(items.records(), "id");
        }
    }

    private static Ended pull(CaravanHome home) {
        Ended ended = home.run("pull", "--all", "--json").expect(0);
        assertThat(ended.all()).doesNotContain("lease");
        return ended;
    }

    /** Starts a pull of every stream, and kills it when each stands at the step so many places on from its own. */
    private static void killAtSteps(CaravanHome home, int places, IntUnaryOperator choice) {
        try (CaravanProcess process = home.startForStops("pull", "--all");
                Stops stops = Stops.attach(process)) {
            for (int i = 0; i < STEPS.size(); i++) {
                Step step = STEPS.get((i + places) % STEPS.size());
                Stop stop = step.stop(choice.applyAsInt(i));
                if (step.name().equals(DATABASE)) {
                    stops.holdLast("acme-" + name(i), stop);
                } else {
                    stops.hold("acme-" + name(i), stop);
                }
            }
            stops.await(CaravanHome.LIMIT.multipliedBy(2));
            process.kill();
            process.await(CaravanHome.LIMIT);
        }
        for (int i = 0; i < STEPS.size(); i++) {
            home.landed("acme/" + name(i)).assertOnlyCommitted();
        }
    }

    private static Shape shape(int stream, int generation) {
        return SHAPES.get((stream + generation) % SHAPES.size());
    }

    private static String name(int stream) {
        return "s%02d".formatted(stream);
    }
}
