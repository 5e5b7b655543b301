package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubSpotApiTest {
    private static final String HOST = "api.hubapi.com";
    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static Sandbox sandbox;
    private static Caller hubspot;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults().withRows(60));
        hubspot = Caller.of(sandbox, HOST, "Authorization", "Bearer " + sandbox.credential(HOST));
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void recordsHaveThePropertiesThatAreNamed() {
        JsonNode usual = hubspot.json(CONTACTS + "?limit=1").path("results").path(0);
        assertThat(usual.path("id").isTextual()).isTrue();
        assertThat(usual.path("properties").has("email")).isTrue();
        assertThat(usual.path("properties").has("phone")).isFalse();
        assertThat(usual.has("associations")).isFalse();
        JsonNode named = hubspot.json(CONTACTS + "?limit=1&properties=phone&associations=companies")
                .path("results")
                .path(0);
        assertThat(named.path("properties").has("phone")).isTrue();
        assertThat(named.has("associations")).isTrue();
    }

    @Test
    void archivedRecordsAreInAListOfTheirOwnAndNeverFound() throws Exception {
        JsonNode archived = hubspot.json(CONTACTS + "?archived=true").path("results");
        assertThat(archived).isNotEmpty().allMatch(record -> record.has("archivedAt"));
        JsonNode found = search("{\"limit\":200}", 200);
        assertThat(found.path("total").asInt()).isEqualTo(60 - archived.size());
    }

    @Test
    void aSearchGoesOnBehindAnId() throws Exception {
        String question =
                "{\"limit\":10,\"sorts\":[{\"propertyName\":\"hs_object_id\",\"direction\":\"ASCENDING\"}],\"filterGroups\":"
                        + "[{\"filters\":[{\"propertyName\":\"hs_object_id\",\"operator\":\"GT\",\"value\":\"%s\"}]}]}";
        JsonNode first = search(question.formatted("0"), 200);
        String last = first.path("results").path(9).path("id").asText();
        JsonNode second = search(question.formatted(last), 200);

        assertThat(first.path("paging").path("next").path("after").asText()).isEqualTo("10");
        assertThat(second.path("total").asInt()).isEqualTo(first.path("total").asInt() - 10);
        assertThat(second.path("results").path(0).path("id").asText()).isGreaterThan(last);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"limit\":201} | limit must be between 1 and 200",
                "{\"limit\":200,\"after\":\"9900\"} | more than 10000",
                "{\"page\":2} | unknown field page",
                "{\"filterGroups\":[{\"filters\":[{\"propertyName\":\"lastmodifieddate\",\"operator\":\"SINCE\",\"value\":\"1\"}]}]} | Invalid operator",
                "{\"filterGroups\":[{\"filters\":[{\"propertyName\":\"lastmodifieddate\",\"operator\":\"GT\",\"value\":\"soon\"}]}]} | is not a number",
                "{\"limit\": | Invalid input JSON"
            })
    void refusesQuestionsAsHubSpotDoes(String body, String message) throws Exception {
        JsonNode answer = search(body, 400);
        assertThat(answer.path("category").asText()).isEqualTo("VALIDATION_ERROR");
        assertThat(answer.path("message").asText()).contains(message);
    }

    private static JsonNode search(String body, int status) throws IOException, InterruptedException {
        URI address = sandbox.address(URI.create("https://" + HOST + CONTACTS + "/search"));
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Authorization", "Bearer " + sandbox.credential(HOST))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(status);
        return Caller.parsed(answer);
    }
}
