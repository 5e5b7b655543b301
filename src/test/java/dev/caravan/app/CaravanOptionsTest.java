package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.app.CaravanOptions.ConnectionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class CaravanOptionsTest {
    @Test
    void hasDefaults() {
        assertThat(bound(Map.of()))
                .isEqualTo(new CaravanOptions(
                        Path.of("routes"),
                        Path.of("data"),
                        "off",
                        0,
                        0,
                        true,
                        Path.of("recordings"),
                        Map.of(),
                        Duration.ofMinutes(15),
                        DataSize.ofMegabytes(32),
                        DataSize.ofMegabytes(15),
                        null,
                        10_000,
                        DataSize.ofMegabytes(16),
                        500,
                        200,
                        "90d",
                        "90d",
                        Duration.ofMinutes(5),
                        null,
                        null,
                        null,
                        Duration.ofSeconds(60),
                        null));
    }

    @Test
    void mapsEveryKey() {
        assertThat(bound(Map.ofEntries(
                        Map.entry("routes", "elsewhere"),
                        Map.entry("data", "/srv/data"),
                        Map.entry("sandbox", "missing"),
                        Map.entry("sandbox-rows", "7"),
                        Map.entry("sandbox-port", "8081"),
                        Map.entry("sandbox-limits", "false"),
                        Map.entry("connections.acme.vendor", "stripe"),
                        Map.entry("connections.acme.tags.org", "acme"),
                        Map.entry("patience", "90s"),
                        Map.entry("max-page", "1MB"),
                        Map.entry("recordings", "answers"),
                        Map.entry("max-record", "3KB"),
                        Map.entry("page-memory", "100MB"),
                        Map.entry("batch-rows", "10"),
                        Map.entry("batch-size", "2KB"),
                        Map.entry("requests-per-second", "5"),
                        Map.entry("requests-in-flight", "6"),
                        Map.entry("keep-reports", "1y"),
                        Map.entry("keep-rejects", "forever"),
                        Map.entry("stuck-after", "2m"),
                        Map.entry("state", "jdbc:postgresql://db:5433/caravan"),
                        Map.entry("state-user", "ann"),
                        Map.entry("state-password", "s3cret"),
                        Map.entry("lease", "9s"),
                        Map.entry("machine", "alpha"))))
                .isEqualTo(new CaravanOptions(
                        Path.of("elsewhere"),
                        Path.of("/srv/data"),
                        "missing",
                        7,
                        8081,
                        false,
                        Path.of("answers"),
                        Map.of("acme", new ConnectionOptions("stripe", Map.of("org", "acme"))),
                        Duration.ofSeconds(90),
                        DataSize.ofMegabytes(1),
                        DataSize.ofKilobytes(3),
                        DataSize.ofMegabytes(100),
                        10,
                        DataSize.ofKilobytes(2),
                        5,
                        6,
                        "1y",
                        "forever",
                        Duration.ofMinutes(2),
                        "jdbc:postgresql://db:5433/caravan",
                        "ann",
                        "s3cret",
                        Duration.ofSeconds(9),
                        "alpha"));
    }

    @Test
    void refusesValuesThatMakeNoSense() {
        assertThatThrownBy(() -> bound(Map.of("sandbox", "on"))).hasStackTraceContaining("off, missing or all");
        assertThatThrownBy(() -> bound(Map.of("batch-rows", "0"))).hasStackTraceContaining("caravan.batch-rows");
        assertThatThrownBy(() -> bound(Map.of("keep-reports", "long")))
                .hasStackTraceContaining("caravan.keep-reports")
                .hasStackTraceContaining("90d");
        assertThatThrownBy(() -> bound(Map.of("max-record", "0"))).hasStackTraceContaining("caravan.max-record");
        assertThatThrownBy(() -> bound(Map.of("stuck-after", "10ms")))
                .hasStackTraceContaining("caravan.stuck-after=10ms is not at least 1s");
        assertThatThrownBy(() -> bound(Map.of("patience", "soon"))).hasStackTraceContaining("patience");
    }

    @Test
    void keepsStateInAFileUnlessAPostgresIsNamed() {
        assertThat(bound(Map.of()).postgres()).isEmpty();
        assertThat(bound(Map.of("state", " ")).postgres()).isEmpty();
        assertThat(bound(Map.of("state", "jdbc:postgresql://db/caravan")).postgres())
                .hasValueSatisfying(settings -> {
                    assertThat(settings.machine()).isNotBlank();
                    assertThat(settings.user()).isNull();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:mysql://ann:s3cret@db/caravan",
                "postgres://ann:s3c/r@et@db/caravan",
                "jdbc:sqlite:/tmp/x.db?password=s3cret"
            })
    void refusesAStateThatIsNoPostgresAndShowsNoPassword(String state) {
        assertThatThrownBy(() -> bound(Map.of("state", state)))
                .rootCause()
                .hasMessageContaining("jdbc:postgresql://host:5432/database");
        assertThatThrownBy(() -> bound(Map.of("state", state))).satisfies(refusal -> assertThat(messages(refusal))
                .contains("caravan.state=" + state.substring(0, 8))
                .contains("Leave it out for SQLite")
                .doesNotContain("s3c"));
    }

    @Test
    void refusesALeaseTooShortToBeRenewed() {
        assertThatThrownBy(() -> bound(Map.of("state", "jdbc:postgresql://db/caravan", "lease", "10ms")))
                .rootCause()
                .hasMessage("caravan.lease=10ms: it lasts 1s at least");
        assertThatThrownBy(() -> bound(Map.of("state", "jdbc:postgresql://db/caravan", "machine", "")))
                .rootCause()
                .hasMessageContaining("caravan.machine");
    }

    private static String messages(Throwable failure) {
        StringBuilder messages = new StringBuilder();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            messages.append(each.getMessage()).append('\n');
        }
        return messages.toString();
    }

    @Test
    void showsNoPassword() {
        assertThat(bound(Map.of("state", "jdbc:postgresql://db/x?password=s3cret", "state-password", "s3cret")))
                .satisfies(options -> assertThat(options.toString() + options.postgres())
                        .contains("db:5432/x")
                        .doesNotContain("s3cret"));
        assertThat(new ConsoleOptions("admin", "s3cret", false)).asString().doesNotContain("s3cret");
    }

    private static CaravanOptions bound(Map<String, String> settings) {
        Map<String, String> prefixed = settings.entrySet().stream()
                .collect(Collectors.toMap(entry -> "caravan." + entry.getKey(), Map.Entry::getValue));
        return new Binder(new MapConfigurationPropertySource(prefixed)).bindOrCreate("caravan", CaravanOptions.class);
    }

    @Test
    void readsUsersAndRefusesWhatIsNoHashOrNoRole() {
        String hash = "{bcrypt}$2a$10$" + "x".repeat(53);
        UsersOptions users = users(Map.of("users.ann.password", hash, "users.ann.role", "operator"));
        assertThat(users.users().get("ann")).isEqualTo(new UsersOptions.UserOptions(hash, "operator"));
        assertThat(users.toString()).doesNotContain("xxx");
        assertThatThrownBy(() -> users(Map.of("users.ann.password", "s3cret-word", "users.ann.role", "admin")))
                .hasStackTraceContaining("caravan.users.ann: the password is no hash")
                .hasStackTraceContaining("hash-password");
        assertThatThrownBy(() -> users(Map.of("users.ann.password", hash, "users.ann.role", "boss")))
                .hasStackTraceContaining("role 'boss' is unknown, these are: viewer, operator, admin");
        assertThatThrownBy(() -> users(Map.of("users.ann.password", hash)))
                .hasStackTraceContaining("caravan.users.ann: role is missing");
    }

    private static UsersOptions users(Map<String, String> settings) {
        Map<String, String> prefixed = new java.util.HashMap<>();
        settings.forEach((key, value) -> prefixed.put("caravan." + key, value));
        return new Binder(new MapConfigurationPropertySource(prefixed)).bindOrCreate("caravan", UsersOptions.class);
    }
}
