package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.MutableClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GitHubApiTest {
    private static final String HOST = "api.github.com";
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");
    private static final String ALL_ISSUES = "/repos/octo-org/hello-world/issues?state=all&per_page=100";
    private static Sandbox sandbox;
    private static Caller github;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults());
        github = Caller.of(sandbox, HOST, "Authorization", "Bearer ghp_sandbox", "User-Agent", "test");
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void linksLeadThroughEveryIssueOnce() {
        List<JsonNode> issues = walk(ALL_ISSUES + "&sort=updated&direction=asc");

        assertThat(issues).hasSize(500);
        assertThat(issues).extracting(issue -> issue.path("id").asLong()).doesNotHaveDuplicates();
        assertThat(issues)
                .extracting(issue -> issue.path("updated_at").asText())
                .isSorted();
        assertThat(issues).anyMatch(issue -> issue.has("pull_request")).anyMatch(issue -> !issue.has("pull_request"));
    }

    @Test
    void theNextLinkLeavesThePathButNotTheSandbox() {
        HttpResponse<String> first = github.get(ALL_ISSUES);

        String next = next(first).orElseThrow();
        assertThat(next).startsWith(sandbox.base() + "/api.github.com/repositories/");
        assertThat(next).contains("state=all").contains("per_page=100").contains("page=2");
    }

    @Test
    void aSinglePageHasNoLink() {
        HttpResponse<String> all = github.get("/repos/octo-org/tiny-tools/commits");

        assertThat(Caller.parsed(all)).hasSize(7);
        assertThat(all.headers().firstValue("Link")).isEmpty();
    }

    @Test
    void sinceIncludesItsSecond() {
        List<JsonNode> issues = walk(ALL_ISSUES + "&sort=updated&direction=asc");
        String since = issues.get(123).path("updated_at").asText();

        assertThat(walk(ALL_ISSUES + "&sort=updated&direction=asc&since=" + since))
                .hasSize(500 - 123);
    }

    @Test
    void statesPartitionTheIssues() {
        String path = "/repos/octo-org/hello-world/issues?per_page=100&state=";

        assertThat(walk(path + "open").size() + walk(path + "closed").size()).isEqualTo(500);
        assertThat(github.json("/repos/octo-org/hello-world/issues?per_page=100"))
                .allMatch(issue -> issue.path("state").asText().equals("open"));
    }

    @Test
    void commitsComeNewestFirstBetweenTwoMoments() {
        String path = "/repos/octo-org/hello-world/commits?per_page=100";
        List<JsonNode> commits = walk(path);
        List<String> dates = commits.stream().map(GitHubApiTest::committed).toList();

        assertThat(commits).hasSize(1_000);
        assertThat(dates).isSortedAccordingTo(Collections.reverseOrder());
        assertThat(commits.get(0).path("parents").path(0).path("sha"))
                .isEqualTo(commits.get(1).path("sha"));
        assertThat(walk(path + "&since=" + dates.get(300) + "&until=" + dates.get(101)))
                .hasSize(200);
    }

    @Test
    void anOrganisationListsItsRepositories() {
        List<JsonNode> repositories = walk("/orgs/octo-org/repos?sort=updated&direction=desc&per_page=2");

        assertThat(repositories)
                .extracting(repository -> repository.path("name").asText())
                .containsExactlyInAnyOrder(
                        "hello-world", "caravanserai", "sample-docs", "tiny-tools", "old-attic", "empty-shell");
        assertThat(repositories)
                .extracting(repository -> repository.path("updated_at").asText())
                .isSortedAccordingTo(Collections.reverseOrder());
        JsonNode alone = github.json("/repos/octo-org/sample-docs");
        assertThat(repositories).contains(alone);
    }

    @Test
    void anAnswerThatDidNotChangeIsNotSentAgain() {
        HttpResponse<String> first = github.get(ALL_ISSUES);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> second = github.with("If-None-Match", tag).get(ALL_ISSUES);

        assertThat(tag).startsWith("W/\"");
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(github.with("If-None-Match", tag).get(ALL_ISSUES + "&page=2").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/repos/octo-org/empty-shell/commits,409,Git Repository is empty.",
        "/repos/octo-org/private-vault/issues,404,Not Found",
        "/repos/octo-org/old-name/issues,301,Moved Permanently",
        "/repositories/12/issues,404,Not Found",
        "/repos/octo-org/hello-world/issues?since=yesterday,422,Validation Failed",
        "/repos/octo-org/hello-world/issues?sort=mood,422,Validation Failed",
        "/repos/octo-org/hello-world/commits?until=2100-01-01T00:00:00Z,422,Validation Failed"
    })
    void refusesAsGitHubDoes(String path, int status, String message) {
        HttpResponse<String> response = github.get(path);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(Caller.parsed(response).path("message").asText()).isEqualTo(message);
        assertThat(Caller.parsed(response).has("documentation_url")).isTrue();
        assertThat(response.headers().firstValue("X-RateLimit-Remaining")).isPresent();
    }

    @Test
    void aRenamedRepositoryIsFoundWhereItWent() {
        String location = github.get("/repos/octo-org/old-name/issues?state=all")
                .headers()
                .firstValue("Location")
                .orElseThrow();
        JsonNode there = Caller.parsed(github.send(URI.create(location), "GET"));

        assertThat(there).isEqualTo(github.json("/repos/octo-org/hello-world/issues?state=all"));
    }

    @Test
    void asksForAUserAgentAndARightToken() throws IOException {
        assertThat(withoutUserAgent()).startsWith("HTTP/1.1 403").contains("User-Agent");
        HttpResponse<String> wrong = github.with("Authorization", "token other").get(ALL_ISSUES);
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(Caller.parsed(wrong).path("message").asText()).isEqualTo("Bad credentials");
    }

    @Test
    void countsDownToTheHourlyLimit() {
        MutableClock clock = new MutableClock("2026-05-01T12:00:00Z");
        try (Sandbox limited = Sandbox.start(SandboxOptions.defaults().withLimits(clock))) {
            Caller anonymous = Caller.of(limited, HOST, "User-Agent", "test");
            for (int left = 59; left >= 0; left--) {
                assertThat(header(anonymous.get(ALL_ISSUES), "X-RateLimit-Remaining"))
                        .isEqualTo(Integer.toString(left));
            }
            HttpResponse<String> refused = anonymous.get(ALL_ISSUES);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(header(refused, "X-RateLimit-Remaining")).isEqualTo("0");
            assertThat(Long.parseLong(header(refused, "X-RateLimit-Reset")))
                    .isGreaterThan(clock.instant().getEpochSecond());
            assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
            clock.move(Duration.ofHours(1));
            assertThat(anonymous.get(ALL_ISSUES).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anUnchangedAnswerIsFreeWithAToken() {
        try (Sandbox limited =
                Sandbox.start(SandboxOptions.defaults().withLimits(new MutableClock("2026-05-01T12:00:00Z")))) {
            Caller caller = Caller.of(limited, HOST, "Authorization", "token ghp_sandbox", "User-Agent", "test");
            String tag = header(caller.get(ALL_ISSUES), "ETag");
            HttpResponse<String> unchanged = caller.with("If-None-Match", tag).get(ALL_ISSUES);
            assertThat(unchanged.statusCode()).isEqualTo(304);
            assertThat(header(unchanged, "X-RateLimit-Remaining")).isEqualTo("4999");
        }
    }

    @Test
    void tooManyRequestsAMinuteMeetTheSecondaryLimit() {
        try (Sandbox limited =
                Sandbox.start(SandboxOptions.defaults().withLimits(new MutableClock("2026-05-01T12:00:00Z")))) {
            Caller caller = Caller.of(limited, HOST, "Authorization", "token ghp_sandbox", "User-Agent", "test");
            for (int i = 0; i < 900; i++) {
                assertThat(caller.get("/repos/octo-org/tiny-tools").statusCode())
                        .isEqualTo(200);
            }
            HttpResponse<String> refused = caller.get("/repos/octo-org/tiny-tools");
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(header(refused, "Retry-After")).isEqualTo("60");
            assertThat(refused.body()).contains("secondary rate limit");
        }
    }

    @Test
    void twoSandboxesAnswerAlike() {
        try (Sandbox other = Sandbox.start(SandboxOptions.defaults())) {
            Caller caller = Caller.of(other, HOST, "User-Agent", "other");
            for (String path : List.of(ALL_ISSUES, "/orgs/octo-org/repos", "/repos/any/thing/commits")) {
                assertThat(caller.get(path).body()).isEqualTo(github.get(path).body());
            }
        }
    }

    private static List<JsonNode> walk(String path) {
        List<JsonNode> records = new ArrayList<>();
        HttpResponse<String> page = github.get(path);
        Caller.parsed(page).forEach(records::add);
        Optional<String> next = next(page);
        while (next.isPresent()) {
            page = github.send(URI.create(next.get()), "GET");
            Caller.parsed(page).forEach(records::add);
            next = next(page);
        }
        return records;
    }

    private static Optional<String> next(HttpResponse<String> page) {
        Matcher link = NEXT.matcher(page.headers().firstValue("Link").orElse(""));
        return link.find() ? Optional.of(link.group(1)) : Optional.empty();
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElseThrow();
    }

    private static String committed(JsonNode commit) {
        return commit.path("commit").path("committer").path("date").asText();
    }

    private static String withoutUserAgent() throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), sandbox.base().getPort())) {
            String request = "GET /api.github.com/orgs/octo-org/repos HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
