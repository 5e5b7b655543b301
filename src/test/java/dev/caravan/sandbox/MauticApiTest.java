package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MauticApiTest {
    private static final String HOST = "mautic.example.com";
    private static Sandbox sandbox;
    private static Caller mautic;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults().withRows(50));
        mautic = Caller.of(sandbox, HOST, "Authorization", "Bearer " + sandbox.credential(HOST));
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void listsAreObjectsByIdOrArraysAndEmptyOnesAlwaysArrays() {
        JsonNode contacts = mautic.json("/api/contacts?limit=7&orderBy=id");
        assertThat(contacts.path("total").isTextual()).isTrue();
        assertThat(contacts.path("contacts").isObject()).isTrue();
        assertThat(contacts.path("contacts")).hasSize(7);
        assertThat(mautic.json("/api/emails").path("emails").isArray()).isTrue();
        assertThat(mautic.json("/api/contacts?start=50").path("contacts")).hasToString("[]");
        assertThat(mautic.json("/api/stats/email_stats").has("total")).isFalse();
    }

    @Test
    void aFilterOfWhatWasModifiedMissesWhatNeverWas() {
        String modified =
                "/api/contacts?limit=100&where[0][col]=dateModified&where[0][expr]=gte&where[0][val]=2020-01-01 00:00:00"
                        .replace(" ", "%20")
                        .replace("[", "%5B")
                        .replace("]", "%5D");
        assertThat(mautic.json(modified).path("contacts").size()).isBetween(20, 45);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/contacts?per_page=5, 400, Unknown parameter per_page",
        "/api/contacts?where%5B0%5D%5Bcol%5D=shoe&where%5B0%5D%5Bexpr%5D=gt&where%5B0%5D%5Bval%5D=1, 400, Unknown column shoe",
        "/api/contacts?where%5B0%5D%5Bcol%5D=dateAdded&where%5B0%5D%5Bexpr%5D=gt&where%5B0%5D%5Bval%5D=2026-01-01T00:00:00Z, 400, Not a value",
        "/api/stats/email_stats?where%5B0%5D%5Bcol%5D=shoe&where%5B0%5D%5Bexpr%5D=gt&where%5B0%5D%5Bval%5D=1, 200, unknown column shoe",
        "/api/segments, 404, Item was not found."
    })
    void refusesAsMauticDoes(String path, int status, String message) {
        var answer = mautic.get(path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Caller.parsed(answer).path("errors").path(0).path("message").asText())
                .contains(message);
    }
}
