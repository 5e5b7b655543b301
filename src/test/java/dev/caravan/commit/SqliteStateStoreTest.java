package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.keys;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SqliteStateStoreTest extends StateStoreContract {
    @Override
    StreamFixture fixture(Path data) {
        return new StreamFixture(data);
    }

    @Override
    StateStore another(long mostKeysLater) {
        return new StateStore(SqliteDatabase.open(stream.database(), StreamFixture.CLOCK), null, mostKeysLater);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void isReadByItsOwnerOnly() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stream.database())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(stream.database().resolveSibling("caravan.db-wal"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(stream.database().resolveSibling("."))))
                .isEqualTo("rwx------");
    }

    @Test
    void isNotTakenForDamagedWhileAnotherProcessPutsKeysTogether() throws Exception {
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing = writer.submit(() -> {
                for (int i = 1; i <= 60; i++) {
                    stream.store.apply(stream.key, commit(i, 1), many(i * 500).subList((i - 1) * 500, i * 500));
                    stream.store.flush(stream.key);
                }
            });
            while (!writing.isDone()) {
                stream.another().close();
            }
            writing.get(60, TimeUnit.SECONDS);
        } finally {
            writer.shutdownNow();
        }
        try (Stream<Path> files = Files.list(stream.database().resolveSibling("."))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("damaged"));
        }
        assertThat(seen("k0", "k29999", "x")).containsExactly(0, 1);
    }

    @Test
    void movesADatabaseAsideThatTurnedOutDamagedWhileInUse() throws Exception {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.close();
        DamagedDatabase.suspect(stream.database(), DamagedDatabase.found("malformed"));
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(stream.database().resolveSibling("caravan.db.damaged-20260901T060000Z"))
                .exists();
        stream.reopen();
    }

    @Test
    void repairsAFileCutShort() throws Exception {
        stream.store.apply(stream.key, commit(1, 1), many(5_000));
        stream.store.close();
        byte[] bytes = Files.readAllBytes(stream.database());
        Files.write(stream.database(), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(stream.store.apply(stream.key, commit(1, 1), keys("a"))).isTrue();
    }

    @Test
    void opensForTwoProcessesAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Path file = stream.data.resolve("fresh/caravan.db");
        try {
            List<Future<StateStore>> opened = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                opened.add(threads.submit(() -> StateStore.open(file, StreamFixture.CLOCK)));
            }
            for (Future<StateStore> each : opened) {
                each.get(30, TimeUnit.SECONDS).close();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
