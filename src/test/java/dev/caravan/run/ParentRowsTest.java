package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.Stream;
import dev.caravan.commit.KeyHash;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionSettings;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import dev.caravan.testkit.YamlSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParentRowsTest {
    private final StreamDefinition parent;

    ParentRowsTest(@TempDir Path folder) {
        try (Workshop workshop = new Workshop(folder, new MutableClock("2026-03-11T00:00:00Z"))) {
            parent = workshop.read(Workshop.vendor(
                            "https://api.acme.example",
                            Workshop.stream(
                                    "items",
                                    "path: /items\nkey: id\ncursor: {field: at, format: iso}\ndisposition: merge\n")))
                    .streams()
                    .get(0);
        }
    }

    @Test
    void takesTheVersionWithTheGreatestCursorAndThenTheLast() {
        ParentRows rows = rows("{stream: acme-items, take: {id: id, zone: zone}, where: $.on}");
        add(rows, "1", "2026-01-02", "a", true);
        add(rows, "1", "2026-01-01", "b", true);
        add(rows, "2", "2026-01-01", "a", true);
        add(rows, "2", "2026-01-01", "b", true);
        add(rows, "3", "2026-01-01", "a", true);
        add(rows, "3", "2026-01-02", "a", false);
        add(rows, "4", "2026-01-01", "a", false);
        add(rows, "4", "2026-01-02", "a", true);
        assertThat(rows.partitions())
                .extracting(Partition::fields)
                .containsExactly(
                        Map.of("id", "1", "zone", "a"), Map.of("id", "2", "zone", "b"), Map.of("id", "4", "zone", "a"));
    }

    @Test
    void makesOnePartitionOfRecordsThatShareItsName() {
        ParentRows rows = rows("{stream: acme-items, take: {id: id, zone: zone}, distinct: zone}");
        add(rows, "2", "2026-01-01", "a", true);
        add(rows, "1", "2026-01-01", "a", true);
        add(rows, "3", "2026-01-01", "b", true);
        assertThat(rows.partitions())
                .extracting(Partition::fields)
                .containsExactly(Map.of("id", "1", "zone", "a"), Map.of("id", "3", "zone", "b"));
    }

    @Test
    void leavesOutRecordsThatLackWhatIsTaken() {
        ParentRows rows = rows("{stream: acme-items, take: {id: id, zone: zone}}");
        rows.add("{\"id\":1}".getBytes(StandardCharsets.UTF_8));
        rows.add("{\"id\":2,\"zone\":\"\"}".getBytes(StandardCharsets.UTF_8));
        rows.add("{\"id\":3,\"zone\":null}".getBytes(StandardCharsets.UTF_8));
        assertThat(rows.partitions()).isEmpty();
    }

    @Test
    void readsManyRowsInLittleMemory() {
        ParentRows rows = rows("{stream: acme-items, take: {id: id}, where: $.on}");
        for (int i = 0; i < 300_000; i++) {
            add(rows, Integer.toString(i), "2026-01-01", "a", i % 100 == 0);
        }
        assertThat(rows.partitions()).hasSize(3_000);
    }

    @Test
    void refusesMorePartitionsThanItMayHold() {
        ParentRows rows = rows("{stream: acme-items, take: {id: id}}");
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= ParentRows.MOST; i++) {
                        add(rows, Integer.toString(i), "2026-01-01", "a", true);
                    }
                })
                .hasMessageContaining("acme-children: its parent acme-items has more than 200,000 records");
    }

    @Test
    void theIndexKnowsWhatAMapKnows() {
        Random random = new Random(5);
        ParentIndex index = new ParentIndex();
        Map<KeyHash, Integer> places = new HashMap<>();
        Map<KeyHash, Long> versions = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            KeyHash record = KeyHash.of(Integer.toString(random.nextInt(5_000)));
            long version = random.nextInt(10);
            int place = random.nextInt(3) == 0 ? ParentIndex.NONE : i;
            assertThat(index.hasLater(record, version))
                    .isEqualTo(versions.getOrDefault(record, Long.MIN_VALUE) > version);
            assertThat(index.put(record, version, place)).isEqualTo(places.getOrDefault(record, ParentIndex.NONE));
            places.put(record, place);
            versions.put(record, version);
        }
        assertThat(index.size()).isEqualTo(places.size());
    }

    private static void add(ParentRows rows, String id, String at, String zone, boolean on) {
        rows.add("{\"id\":\"%s\",\"at\":\"%s\",\"zone\":\"%s\",\"on\":%s}"
                .formatted(id, at, zone, on)
                .getBytes(StandardCharsets.UTF_8));
    }

    private ParentRows rows(String settings) {
        ParentSettings parents = Objects.requireNonNull(
                YamlSettings.read(settings, PartitionSettings.class).parent());
        return new ParentRows("acme-children", parent, Stream.Shape.FLAT, parents, null);
    }
}
