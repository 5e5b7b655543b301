package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as it is shipped, with a bucket for its lake: killed on one machine, it goes on on another. */
class LakeIT {
    private static final int ROWS = 3000;
    private static final String SECRET = "s3cr3t-of-the-lake";

    private final FakeApi api = FakeApi.start();
    private final FakeS3 store = new FakeS3();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
        store.close();
    }

    @Test
    void anotherMachineGoesOnWhereOneWasKilled() throws IOException {
        Items items = new Items(ROWS, 50, ROWS);
        api.on("/items", items);
        CaravanHome one = machine("one");
        try (CaravanProcess process = one.start("pull", "acme-items")) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> !process.isAlive()
                            || (store.keys("lake/acme/items/_commits/").size() > 8
                                    && !store.keys("lake/acme/items/_staging/").isEmpty()));
            assertThat(process.isAlive()).as("killed in the middle").isTrue();
            process.kill();
        }
        assertThat(one.filesWith(SECRET)).isEmpty();
        assertThat(one.data().resolve("acme/items/_commits")).doesNotExist();

        CaravanHome two = machine("two");
        String said = two.run("pull", "acme-items").expect(0).all();

        assertThat(said).doesNotContain(SECRET);
        Landed landed = Landed.in(mirror(), "lake/acme/items");
        landed.assertExactlyAsServed(items.records(), "id");
        assertThat(store.keys("lake/acme/items/_staging/")).isEmpty();
    }

    private CaravanHome machine(String name) throws IOException {
        return CaravanHome.in(Files.createDirectories(folder.resolve(name)))
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .withEnvironment("CARAVAN_S3_ACCESS_KEY", "test-id")
                .withEnvironment("CARAVAN_S3_SECRET_KEY", SECRET)
                .with("caravan.lake=s3://" + FakeS3.BUCKET + "/lake")
                .with("caravan.s3.endpoint=" + store.uri())
                .with("caravan.s3.path-style=true")
                .with("caravan.batch-rows=50")
                .withRoute("acme", AcmeRoutes.account("acme", api.url()) + Shape.PLAIN.stream("acme", "items", "0s"));
    }

    /** Returns what is in the bucket, as files. */
    private Path mirror() throws IOException {
        Path mirror = folder.resolve("mirror");
        for (String key : store.keys("")) {
            Path file = mirror.resolve(key);
            Files.createDirectories(file.resolveSibling(".").normalize());
            Files.write(file, store.bytes(key));
        }
        return mirror;
    }
}
