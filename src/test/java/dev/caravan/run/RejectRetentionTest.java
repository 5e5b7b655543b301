package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.slice.Span;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectRetentionTest {
    private final MutableClock clock = new MutableClock("2026-06-01T00:00:00Z");
    private final Path data;
    private final Workshop workshop;
    private int next;

    RejectRetentionTest(@TempDir Path data) {
        this.data = data;
        this.workshop = new Workshop(data, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void rejectsGoWhenTheyAreOldEnoughAndNobodyMissesThem() throws IOException {
        LiveStream list = live(Optional.of(Span.parse("90d")));
        pull(list);
        pull(list);
        List<Path> rejects = rejects();
        assertThat(rejects).hasSize(2);
        age(rejects.get(0), "2026-03-01T00:00:00Z");
        age(rejects.get(1), "2026-03-04T00:00:00Z");
        pull(list);
        assertThat(rejects()).as("looked once an hour").hasSize(3);
        clock.move(Duration.ofHours(1));
        pull(list);
        assertThat(rejects()).hasSize(3).doesNotContain(rejects.get(0)).contains(rejects.get(1));
        assertThat(list.verify().isSound()).isTrue();
        assertThat(workshop.ids("acme/list")).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void withoutAnAgeTheyStay() throws IOException {
        LiveStream list = live(Optional.empty());
        pull(list);
        age(rejects().get(0), "2020-01-01T00:00:00Z");
        clock.move(Duration.ofHours(2));
        pull(list);
        assertThat(rejects()).hasSize(2);
    }

    private LiveStream live(Optional<Span> kept) {
        workshop.withRejectsKept(kept);
        return workshop.live(
                Workshop.vendor("https://api.acme.example/v1", Workshop.stream("list", "path: /list\nkey: id\n")));
    }

    /** A new row, and one without its key. */
    private void pull(LiveStream list) {
        next++;
        new ByHand(request -> answer(200, "[{\"id\":%d},{\"name\":\"x\"}]".formatted(next))).pull(list);
    }

    private static void age(Path file, String time) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse(time)));
    }

    private List<Path> rejects() throws IOException {
        try (var files = Files.walk(data.resolve("errors/acme/list"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
