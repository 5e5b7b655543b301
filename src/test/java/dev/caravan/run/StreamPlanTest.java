package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Request;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPlanTest {
    private static final String URL = "https://api.acme.example/v1";
    private static final String LIST = """
            path: /list
            records: $.data
            key: id
            next: {from: next-url, value: $.next}
            """;

    private final Workshop workshop;
    private final List<Request> asked = new ArrayList<>();

    StreamPlanTest(@TempDir Path folder) {
        workshop = new Workshop(folder, new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void sendsTheCredentialToItsOwnOriginOnly() {
        pull(vendor(LIST, "hosts: [files.acme.example]"), "https://api.acme.example/v1/list?page=2");
        pull(vendor(LIST, "hosts: [files.acme.example]"), "https://files.acme.example/list?page=2");
        assertThat(asked)
                .extracting(request -> request.uri().getHost())
                .containsExactly("api.acme.example", "api.acme.example", "api.acme.example", "files.acme.example");
        assertThat(asked)
                .extracting(request -> request.headers().containsKey("Authorization"))
                .containsExactly(true, true, true, false);
    }

    @Test
    void sendsTheCredentialToTheAddressThatTheStreamNames() {
        pull(vendor(LIST + "url: https://files.acme.example/v2\n", "hosts: [files.acme.example]"), "/v2/list?page=2");
        assertThat(asked).hasSize(2).allSatisfy(request -> {
            assertThat(request.uri()).hasHost("files.acme.example");
            assertThat(request.headers()).containsKey("Authorization");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/list",
                "https://api.acme.example.evil.example/list",
                "https://api.acme.example:8443/list",
                "http://api.acme.example/list",
                "https://api.acme.example@evil.example/list",
                "//evil.example/list",
                "http://127.0.0.1/list",
                "file:///etc/passwd"
            })
    void neverFollowsAnAnswerToAForeignPlace(String next) {
        RunSummary summary = pull(vendor(LIST, ""), next);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).startsWith("acme-orders");
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start: soon | start 'soon' is no day, time or span",
                "query: {q: '${partition.shop}'} | the stream has no partitions",
                "query: {q: '${moon.phase}'} | Unknown expression",
                "add-fields: {shop: '${partition.shop}'} | the stream has no partitions"
            })
    void refusesSettingsThatCannotWorkBeforeAnythingRuns(String setting, String reason) {
        String properties = setting.startsWith("query") ? "path: /list\n" + setting : LIST + setting;
        assertThatThrownBy(() -> workshop.live(vendor(properties + "\n", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    private static String vendor(String properties, String more) {
        return Workshop.vendor(
                URL + (more.isEmpty() ? "" : "\n        " + more), Workshop.stream("orders", properties));
    }

    private RunSummary pull(String vendor, String next) {
        int before = asked.size();
        return new ByHand(request -> {
                    asked.add(request);
                    boolean first = asked.size() == before + 1;
                    return answer(
                            200,
                            "{\"data\":[{\"id\":%d}]%s}"
                                    .formatted(asked.size(), first ? ",\"next\":\"" + next + "\"" : ""));
                })
                .pull(workshop.live(vendor));
    }
}
