package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What something does to files between two runs. Every run looks back over everything, so what is forgotten shows. */
class DamageIT {
    private static final int FLIPS = Integer.getInteger("caravan.flips", 2);
    private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());
    private static final boolean LONG = Boolean.getBoolean("caravan.long");
    private static final int ROWS = 50;
    private static final int MORE = 10;

    private final FakeApi api = FakeApi.start();
    private final Items items = new Items(ROWS + 100 * MORE, 10, ROWS);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    /** What is done to a file of the stream that bears the name. */
    private enum Damage {
        NEWEST_COMMIT_CUT,
        NEWEST_COMMIT_EMPTY,
        NEWEST_COMMIT_FLIPPED,
        COMMIT_LOST_FOR_GOOD,
        OLD_COMMIT_CUT,
        OLD_COMMIT_MISSING,
        ROWS_FLIPPED,
        ROWS_MISSING,
        KEYS_FLIPPED,
        LEASE_GARBAGE,
        STAGING_LEFT_OVER,
        STRANGER;

        /** The next run cannot know where the stream stands. */
        static final Set<Damage> STOP = Set.of(
                NEWEST_COMMIT_CUT,
                NEWEST_COMMIT_EMPTY,
                NEWEST_COMMIT_FLIPPED,
                COMMIT_LOST_FOR_GOOD,
                OLD_COMMIT_CUT,
                OLD_COMMIT_MISSING);
        /** Whoever reads would be misled, so {@code verify} says it. */
        static final Set<Damage> HARMLESS = Set.of(LEASE_GARBAGE, STAGING_LEFT_OVER);

        String stream() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Test
    void damagedFilesAreNamedWithWhatToDoAndHarmNoOtherStream() throws IOException {
        StringBuilder routes = new StringBuilder(AcmeRoutes.account("acme", api.url()));
        for (Damage damage : Damage.values()) {
            api.on("/" + damage.stream(), items);
            routes.append(Shape.PLAIN.stream("acme", damage.stream(), Shape.ALL));
        }
        CaravanHome home = home().withRoute("acme", routes.toString());
        home.run("pull", "--all").expect(0);
        Map<Path, byte[]> backup = new LinkedHashMap<>();
        Map<Damage, Path> damaged = new TreeMap<>();
        for (Damage damage : Damage.values()) {
            damaged.put(damage, damage(damage, landed(home, damage), backup));
        }
        items.grow(MORE);

        Ended pulled = home.run("pull", "--all", "--json").expect(1);
        Ended verified = home.run("verify").expect(1);

        for (Damage damage : Damage.values()) {
            String stream = "acme-" + damage.stream();
            boolean stops = Damage.STOP.contains(damage);
            assertThat(Summaries.of(pulled).status(stream)).as(stream).isEqualTo(stops ? "failed" : "done");
            if (stops) {
                assertThat(Summaries.of(pulled).error(stream))
                        .contains(stream, damaged.get(damage).getFileName().toString())
                        .contains("Restore it from a backup", "aside");
            }
            String line = verified.out()
                    .lines()
                    .filter(each -> each.startsWith(stream + " "))
                    .findFirst()
                    .orElseThrow();
            assertThat(line).contains(Damage.HARMLESS.contains(damage) ? "sound" : "DAMAGED");
            if (!Damage.HARMLESS.contains(damage)) {
                assertThat(verified.out())
                        .contains(damaged.get(damage).getFileName().toString());
            }
        }
        for (Damage damage : Damage.HARMLESS) {
            landed(home, damage).assertExactlyAsServed(items.records(), "id");
        }

        if (LONG) {
            doAsTold(home, damaged, backup);
        }
    }

    /** The files come back from a backup, and where there is none, what was lost is pulled again. */
    private void doAsTold(CaravanHome home, Map<Damage, Path> damaged, Map<Path, byte[]> backup) throws IOException {
        repair(damaged, backup);
        Path lost = damaged.get(Damage.COMMIT_LOST_FOR_GOOD);
        move(lost);
        move(lost.resolveSibling(lost.getFileName().toString().replace(".json", ".keys")));
        home.run("pull", "--all").expect(0);
        // What the lost commit covered is there again; what it left behind is named, to be moved aside.
        Ended again = home.run("verify").expect(1);
        moveNamed(home, again.out());
        home.run("verify").expect(0);
        for (Damage damage : Damage.values()) {
            landed(home, damage).assertExactlyAsServed(items.records(), "id");
        }
    }

    /** Returns the file that an error or {@code verify} has to name. */
    private static Path damage(Damage damage, Landed landed, Map<Path, byte[]> backup) throws IOException {
        List<Path> commits = landed.commitFiles(".json");
        Path newest = commits.get(commits.size() - 1);
        Path old = commits.get(2);
        return switch (damage) {
            case NEWEST_COMMIT_CUT, COMMIT_LOST_FOR_GOOD -> cut(newest, backup);
            case NEWEST_COMMIT_EMPTY -> write(newest, new byte[0], backup);
            case NEWEST_COMMIT_FLIPPED -> flip(newest, 0, backup);
            case OLD_COMMIT_CUT -> cut(old, backup);
            case OLD_COMMIT_MISSING -> delete(old, backup);
            case ROWS_FLIPPED -> flip(landed.dataFiles().get(1), 40, backup);
            case ROWS_MISSING -> delete(landed.dataFiles().get(1), backup);
            case KEYS_FLIPPED -> flip(landed.commitFiles(".keys").get(0), 20, backup);
            case LEASE_GARBAGE ->
                write(landed.folder().resolve("_lease"), new byte[] {'{', 0, -1}, new LinkedHashMap<>());
            case STAGING_LEFT_OVER -> stranger(landed.folder().resolve("_staging/1/2026-01-01.left-over.ndjson.gz"));
            case STRANGER -> stranger(landed.folder().resolve("date=2026-01-01/stranger.ndjson.gz"));
        };
    }

    private static void repair(Map<Damage, Path> damaged, Map<Path, byte[]> backup) throws IOException {
        for (Map.Entry<Path, byte[]> file : backup.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
        Files.delete(damaged.get(Damage.STRANGER));
    }

    private void moveNamed(CaravanHome home, String verified) throws IOException {
        List<String> named = verified.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("uncommitted "))
                .map(line -> line.substring("uncommitted ".length(), line.indexOf(':')))
                .toList();
        assertThat(named).isNotEmpty().allMatch(path -> path.contains(Damage.COMMIT_LOST_FOR_GOOD.stream()));
        for (String path : named) {
            move(home.data().resolve(path));
        }
    }

    @Test
    void theDatabaseComesBackFromTheCommitsHoweverItIsDamaged() throws IOException {
        System.out.printf("DamageIT: -Dcaravan.seed=%d%n", SEED);
        StringBuilder routes = new StringBuilder(AcmeRoutes.account("acme", api.url()));
        for (Shape shape : Shape.values()) {
            api.on("/" + name(shape), items);
            routes.append(shape.stream("acme", name(shape), Shape.ALL));
        }
        CaravanHome home = home().withRoute("acme", routes.toString());
        Path database = home.data().resolve("state/caravan.db");
        pull(home);

        deleteAll(database);
        pull(home);

        if (LONG) {
            killWithALog(home, database);
            Files.delete(database.resolveSibling("caravan.db-wal"));
            pull(home);

            Files.write(database, Arrays.copyOf(Files.readAllBytes(database), 10_000));
            assertThat(pull(home).err()).contains("caravan.db cannot be used", "rebuilt from the commits");
        }

        Random random = new Random(SEED);
        for (int i = 0; i < FLIPS; i++) {
            byte[] bytes = Files.readAllBytes(database);
            for (int flips = random.nextInt(1, 30); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            Files.write(database, bytes);
            pull(home);
        }
        home.run("verify").expect(0);
    }

    /** Pulls what is new, and looks at everything there is. */
    private Ended pull(CaravanHome home) {
        items.grow(MORE);
        Ended ended = home.run("pull", "--all").expect(0);
        for (Shape shape : Shape.values()) {
            home.landed("acme/" + name(shape)).assertExactlyAsServed(items.records(), "id");
        }
        return ended;
    }

    /** Kills a pull that has committed something, so that the database's write-ahead log stays. */
    private void killWithALog(CaravanHome home, Path database) {
        items.grow(MORE);
        Landed landed = home.landed("acme/" + name(Shape.PLAIN));
        int before = landed.commitNumber();
        try (CaravanProcess process = home.start("pull", "acme-" + name(Shape.PLAIN))) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT)
                    .until(() -> landed.commitNumber() > before || !process.isAlive());
            process.kill();
            process.await(CaravanHome.LIMIT);
        }
        assertThat(database.resolveSibling("caravan.db-wal")).exists();
    }

    private CaravanHome home() {
        return CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=10");
    }

    private static Landed landed(CaravanHome home, Damage damage) {
        return home.landed("acme/" + damage.stream());
    }

    private static String name(Shape shape) {
        return shape.name().toLowerCase(Locale.ROOT);
    }

    private static Path cut(Path file, Map<Path, byte[]> backup) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        return write(file, Arrays.copyOf(whole, whole.length / 2), backup);
    }

    private static Path flip(Path file, int at, Map<Path, byte[]> backup) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 4;
        return write(file, bytes, backup);
    }

    private static Path write(Path file, byte[] bytes, Map<Path, byte[]> backup) throws IOException {
        backup.put(file, Files.readAllBytes(file));
        return Files.write(file, bytes);
    }

    private static Path delete(Path file, Map<Path, byte[]> backup) throws IOException {
        backup.put(file, Files.readAllBytes(file));
        Files.delete(file);
        return file;
    }

    private static Path stranger(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[] {1, 2, 3});
    }

    /** As a person does it who was told to. */
    private void move(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.move(file, Files.createDirectories(folder.resolve("aside")).resolve(file.getFileName()));
        }
    }

    private static void deleteAll(Path database) throws IOException {
        for (String part : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(database.resolveSibling(database.getFileName() + part));
        }
    }
}
