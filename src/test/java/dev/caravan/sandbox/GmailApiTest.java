package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GmailApiTest {
    private static final String HOST = "gmail.googleapis.com";
    private static final String ME = "/gmail/v1/users/me";
    private static Sandbox sandbox;
    private static Caller gmail;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults().withRows(600));
        gmail = Caller.of(sandbox, HOST, "Authorization", "Bearer " + sandbox.credential(HOST));
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void nothingIsNoList() {
        JsonNode none = gmail.json(ME + "/messages?q=after:1900000000");
        assertThat(none.has("messages")).isFalse();
        assertThat(none.has("nextPageToken")).isFalse();
        JsonNode page = gmail.json(ME + "/messages?maxResults=500");
        assertThat(page.path("messages")).hasSize(500);
        assertThat(page.path("messages").path(0).has("internalDate")).isFalse();
    }

    @Test
    void historyIsToldBehindAnIdAndForgottenAfterAWhile() {
        String now = gmail.json(ME + "/profile").path("historyId").asText();
        String history = ME + "/history?startHistoryId=";
        assertThat(gmail.json(history + now).has("history")).isFalse();
        String message = gmail.control("GET rows?host=" + HOST + "&stream=messages")
                .path("rows")
                .path(5)
                .path("id")
                .asText();
        gmail.control("POST edit?host=" + HOST + "&stream=messages&id=" + message);

        JsonNode changed = gmail.json(history + now);
        assertThat(changed.path("history")
                        .path(0)
                        .path("labelsAdded")
                        .path(0)
                        .path("message")
                        .path("id")
                        .asText())
                .isEqualTo(message);
        assertThat(changed.path("historyId").asText()).isNotEqualTo(now);
        gmail.control("POST append?host=" + HOST + "&stream=history&rows=150");
        assertThat(gmail.get(history + now).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "/messages?maxResults=501, 400",
        "/messages?limit=5, 400",
        "/history, 400",
        "/history?startHistoryId=1, 404",
        "/messages/18c1f, 404",
        "/drafts, 404"
    })
    void refusesAsGmailDoes(String path, int status) {
        var answer = gmail.get(ME + path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Caller.parsed(answer).path("error").path("code").asInt()).isEqualTo(status);
    }
}
