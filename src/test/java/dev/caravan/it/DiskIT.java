package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Shape;
import dev.caravan.testkit.SmallDisks;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fill up or refuse writes, real ones: file systems of a few hundred kilobytes. */
class DiskIT {
    private static final List<Shape> SHAPES = List.of(Shape.values());
    private static final int ROWS = 4_000;

    private final FakeApi api = FakeApi.start();
    private final Items items = new Items(ROWS, 100, ROWS);
    private Optional<SmallDisks> opened = Optional.empty();

    @TempDir
    private Path folder;

    @BeforeEach
    void open() {
        opened = SmallDisks.open();
        Assumptions.assumeTrue(
                opened.isPresent(), "This machine lets nobody mount a file system: no user namespaces (unshare -Urm)");
    }

    @AfterEach
    void close() {
        opened.ifPresent(SmallDisks::close);
        api.close();
    }

    @Test
    void aFullDiskForDataFailsTheRunAndWithSomeRoomTheNextGoesOn() {
        CaravanHome home = home();
        disks().mount(home.data(), "400k").mountWithin(home.data().resolve("state"), "64m");

        Ended full = home.run("pull", "--all", "--json").expect(1);
        assertThat(full.out()).contains(home.data().toString(), "is full", "free some space");
        assertNothingHalf(home);
        for (Shape shape : SHAPES) {
            assertThat(home.landed("acme/" + name(shape)).rows()).hasSizeLessThan(ROWS);
        }

        disks().remount(home.data(), "size=64m");
        goesOn(home);
    }

    @Test
    void aFullDiskForStateFailsTheRunAndWithSomeRoomTheNextGoesOn() {
        CaravanHome home = home();
        Path state = home.data().resolve("state");
        disks().mount(home.data(), "64m").mountWithin(state, "300k");

        Ended full = home.run("pull", "--all", "--json").expect(1);
        assertThat(full.out()).contains(state.toString(), "full", "free some space");
        // The database follows the commits, so all of them may have been made by then.
        assertNothingHalf(home);

        disks().remount(state, "size=64m");
        goesOn(home);
    }

    @Test
    @EnabledIfSystemProperty(named = "caravan.long", matches = "true")
    void aFileSystemThatTurnsReadOnlyFailsTheRunAndLosesNothing() {
        CaravanHome home = home();
        disks().mount(home.data(), "64m").mountWithin(home.data().resolve("state"), "64m");
        goesOn(home);

        disks().remount(home.data(), "ro");
        Ended refused = home.run("pull", "--all", "--json").expect(1);
        assertThat(refused.out()).contains(home.data().toString(), "run again");

        disks().remount(home.data(), "rw").remount(home.data().resolve("state"), "ro");
        Ended stateless = home.run("pull", "--all", "--json").expect(1);
        assertThat(stateless.all()).contains(home.data().resolve("state").toString(), "write to");

        disks().remount(home.data().resolve("state"), "rw");
        goesOn(home);
    }

    /** Whoever reads now sees what is committed; and nothing of it is forgotten or known too early, which shows later. */
    private void assertNothingHalf(CaravanHome home) {
        for (Shape shape : SHAPES) {
            home.landed("acme/" + name(shape)).assertOnlyCommitted();
        }
    }

    private void goesOn(CaravanHome home) {
        Ended ended = home.run("pull", "--all", "--json").expect(0);
        for (Shape shape : SHAPES) {
            assertThat(Summaries.of(ended).status("acme-" + name(shape))).isEqualTo("done");
            home.landed("acme/" + name(shape)).assertExactlyAsServed(items.records(), "id");
        }
    }

    private CaravanHome home() {
        StringBuilder routes = new StringBuilder(AcmeRoutes.account("acme", api.url()));
        for (Shape shape : SHAPES) {
            api.on("/" + name(shape), items);
            routes.append(shape.stream("acme", name(shape), Shape.ALL));
        }
        return CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=200")
                .with("caravan.data=" + folder.resolve("data"))
                .withRoute("acme", routes.toString())
                .on(disks());
    }

    private SmallDisks disks() {
        return opened.orElseThrow();
    }

    private static String name(Shape shape) {
        return shape.name().toLowerCase(Locale.ROOT);
    }
}
