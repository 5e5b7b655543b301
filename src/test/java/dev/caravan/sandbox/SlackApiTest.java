package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlackApiTest {
    private static final String HISTORY = "/api/conversations.history?limit=50&channel=";
    private static Sandbox sandbox;
    private static Caller slack;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults().withRows(240));
        slack = Caller.of(sandbox, "slack.com", "Authorization", "Bearer " + sandbox.credential("slack.com"));
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/conversations.list?limit=1000, invalid_limit",
        "/api/conversations.list?limit=ten, invalid_limit",
        "/api/conversations.list?cursor=xyz, invalid_cursor",
        "/api/conversations.list?types=private, invalid_types",
        "/api/conversations.list?page=2, invalid_arguments",
        "/api/conversations.history, invalid_arguments",
        "/api/conversations.history?channel=C0, channel_not_found",
        "/api/conversations.replies?channel=C0, invalid_arguments",
        "/api/conversations.everything, unknown_method"
    })
    void refusesWithStatus200(String path, String error) {
        var answer = slack.get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Caller.parsed(answer)).hasToString("{\"ok\":false,\"error\":\"%s\"}".formatted(error));
    }

    @Test
    void asksForACredential() {
        assertThat(Caller.of(sandbox, "slack.com")
                        .json("/api/users.list")
                        .path("error")
                        .asText())
                .isEqualTo("not_authed");
        assertThat(slack.with("Authorization", "Bearer x")
                        .json("/api/users.list")
                        .path("error")
                        .asText())
                .isEqualTo("invalid_auth");
    }

    @Test
    void aListHasAnEmptyPageInItsMiddleAndEndsWithAnEmptyCursor() {
        List<Integer> sizes = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        String cursor = "";
        do {
            JsonNode page = slack.json("/api/conversations.list?types=public_channel,private_channel&cursor=" + cursor);
            sizes.add(page.path("channels").size());
            page.path("channels").forEach(channel -> ids.add(channel.path("id").asText()));
            cursor = page.path("response_metadata").path("next_cursor").asText();
        } while (!cursor.isEmpty());
        assertThat(sizes).startsWith(5, 0).hasSizeGreaterThan(3);
        assertThat(ids).hasSize(12);
    }

    @Test
    void historiesComeNewestFirstBetweenBoundsThatAreExcludedUnlessAskedFor() {
        String channel = channel(true);
        JsonNode page = slack.json(HISTORY + channel).path("messages");
        List<BigDecimal> times = new ArrayList<>();
        page.forEach(message -> times.add(new BigDecimal(message.path("ts").asText())));
        assertThat(times).isSortedAccordingTo((one, other) -> other.compareTo(one));

        String bounds = "&oldest=%s&latest=%s".formatted(times.get(3), times.get(1));
        assertThat(slack.json(HISTORY + channel + bounds).path("messages")).hasSize(1);
        assertThat(slack.json(HISTORY + channel + bounds + "&inclusive=true").path("messages"))
                .hasSize(3);
        assertThat(slack.json(HISTORY + channel(false)).path("error").asText()).isEqualTo("not_in_channel");
    }

    private static String channel(boolean member) {
        JsonNode rows = slack.control("GET rows?host=slack.com&stream=channels").path("rows");
        for (JsonNode row : rows) {
            if (row.path("record").path("is_member").asBoolean() == member) {
                return row.path("id").asText();
            }
        }
        throw new AssertionError("No such channel: " + rows);
    }
}
