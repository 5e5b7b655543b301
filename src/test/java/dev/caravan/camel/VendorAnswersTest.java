package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Origin;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.auth.Auth;
import dev.caravan.connection.outcome.Advice;
import dev.caravan.connection.outcome.Outcome;
import dev.caravan.connection.outcome.OutcomeRule;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.page.DetailSettings;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.sandbox.Fault;
import dev.caravan.sandbox.Sandbox;
import dev.caravan.sandbox.SandboxOptions;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.MovingClock;
import dev.caravan.testkit.OneVendor;
import dev.caravan.testkit.Records;
import dev.caravan.testkit.ShippedStreams;
import dev.caravan.testkit.Workshop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a run makes of the answers that the rules of {@code routes/} are about, through the route: a vendor is imitated, and one of
 * its answers is another. Each rule of each file has an answer here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VendorAnswersTest {
    private static final Instant NOW = Instant.parse("2026-04-01T00:00:01Z");
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration LIMIT = Duration.ofSeconds(40);

    /**
     * The stream; the beginning of the path whose next answer is another, behind which a number says how many; its status, and a
     * header behind it; its body; how the run ends, and what its error says, or that it waited at the gate.
     */
    private static final String CASES = """
            facebook-marketing-campaigns | /v26.0/act_ | 400 | {"error":{"code":17,"message":"(#17) User request limit reached"}} | done & waited
            facebook-marketing-campaigns | /v26.0/act_ | 400 | {"error":{"code":190,"message":"The session has expired"}} | partial & missing, wrong or expired
            facebook-marketing-campaigns | /v26.0/act_ 2 | 400 | {"error":{"code":2635,"message":"(#2635) Please update to the latest version"}} | failed & (#2635) & set facebook-marketing.version to a newer one
            facebook-marketing-campaign-insights | /v26.0/act_ | 400 | {"error":{"code":100,"error_subcode":1504041,"message":"(#100) Breakdowns do not go together"}} | partial & (#100) Breakdowns do not go together
            facebook-marketing-campaign-insights | /v26.0/act_ | 400 | {"error":{"code":100,"error_subcode":1504018,"message":"Your request timed out"}} | done
            facebook-marketing-campaign-insights | /v26.0/act_ | 400 | {"error":{"code":100,"error_subcode":1504043,"message":"Try again"}} | done
            facebook-marketing-campaigns | /v26.0/act_ | 500 | {"error":{"code":1,"message":"Please reduce the amount of data you're asking for"}} | done
            facebook-marketing-campaigns | /v26.0/act_ | 403 | {"error":{"code":200,"message":"(#200) Ad account owner has NOT grant ads_read"}} | partial & skipped: & (#200) & may not read this ad account
            facebook-marketing-campaigns | /v26.0/act_ | 400 | {"error":{"code":5000,"is_transient":true}} | done
            facebook-marketing-campaigns | /v26.0/act_ | 400 | {"error":{"code":2,"message":"Service temporarily unavailable"}} | done
            facebook-marketing-ad-accounts | /v26.0/me | 403 | {"error":{"code":200,"message":"(#200) Requires ads_read"}} | failed & lacks the scope ads_read & make another token
            facebook-marketing-ads-insights | /v26.0/act_ | 400 | {"error":{"code":100,"error_subcode":33,"message":"Unsupported get request"}} | done
            facebook-marketing-ads-insights | /v26.0/act_ | 500 | {"error":{"code":1,"message":"Please reduce the amount of data you're asking for"}} | done
            github-issues | /repos/ | 403 | {"message":"You have exceeded a secondary rate limit."} | done & waited
            github-commits | /repos/ | 409 | {"message":"Git Repository is empty."} | done
            github-issues | /repos/ | 410 | {"message":"Issues are disabled for this repo"} | failed & skipped: & Issues are disabled & check github.repositories
            gmail-messages | /gmail/ | 429 | {"error":{"code":429,"errors":[{"reason":"rateLimitExceeded"}]}} | done
            gmail-messages | /gmail/ | 403 | {"error":{"code":403,"message":"Gmail API is off","errors":[{"reason":"accessNotConfigured"}]}} | failed & Gmail API is off & enable it in Google's console
            gmail-messages | /gmail/ | 403 | {"error":{"code":403,"message":"Insufficient Permission","errors":[{"reason":"insufficientPermissions"}]}} | failed & lacks the scope gmail.readonly & caravan login
            gmail-messages | /gmail/ | 403 | {"error":{"code":403,"message":"Not for this domain","errors":[{"reason":"domainPolicy"}]}} | failed & Not for this domain & administrator of the domain
            gmail-messages | /gmail/v1/users/me/messages/ | 404 | {"error":{"code":404,"message":"Requested entity was not found."}} | done
            gmail-messages | /gmail/v1/users/me/messages | 404 | {"error":{"code":404,"message":"Requested entity was not found."}} | done
            gmail-history | /gmail/v1/users/me/history | 404 | {"error":{"code":404,"message":"Requested entity was not found."}} | done
            google-ads-customer-clients | /v26/ | 429 | {"error":{"details":[{"errors":[{"errorCode":{"quotaError":"EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION"}}]}]}} | done & waited
            google-ads-customer-clients | /v26/ | 429 | {"error":{"details":[{"errors":[{"errorCode":{"quotaError":"EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION"}}]}]}} | paused & HTTP 429
            google-ads-customer-clients | /v26/ | 429 | {"error":{"details":[{"errors":[{"errorCode":{"quotaError":"RESOURCE_EXHAUSTED"},"details":{"quotaErrorDetails":{"retryDelay":"30s"}}}]}]}} | done & waited
            google-ads-customer-clients | /v26/ | 500 | {"error":{"details":[{"errors":[{"errorCode":{"internalError":"TRANSIENT_ERROR"}}]}]}} | done
            google-ads-customer-clients | /v26/ | 400 | {"error":{"details":[{"errors":[{"errorCode":{"requestError":"EXPIRED_PAGE_TOKEN"}}]}]}} | done
            google-ads-campaign-daily | /v26/customers/1234567890/ | 400 | {"error":{"details":[{"errors":[{"errorCode":{"requestError":"RPC_DEADLINE_TOO_SHORT"}}]}]}} | done
            google-ads-customer-clients | /v26/ | 400 | {"error":{"details":[{"errors":[{"errorCode":{"requestError":"UNSUPPORTED_VERSION"},"message":"Version v26 is deprecated."}]}]}} | failed & this version has ended, set google-ads.version to a newer one
            google-ads-customer-clients | /v26/ | 400 | {"error":{"details":[{"errors":[{"errorCode":{"requestError":"INVALID_CUSTOMER_ID"}}]}]}} | failed & without dashes
            google-ads-customer-clients | /v26/ | 400 | {"error":{"details":[{"errors":[{"errorCode":{"headerError":"INVALID_LOGIN_CUSTOMER_ID"}}]}]}} | failed & google-ads.login-customer-id is written in digits alone
            google-ads-customer-clients | /v26/ | 401 | {"error":{"details":[{"errors":[{"errorCode":{"authenticationError":"NOT_ADS_USER"}}]}]}} | failed & has no Google Ads account
            google-ads-customer-clients | /v26/ | 401 | {"error":{"details":[{"errors":[{"errorCode":{"authenticationError":"CUSTOMER_NOT_FOUND"}}]}]}} | failed & check google-ads.login-customer-id
            google-ads-customer-clients | /v26/ | 401 | {"error":{"details":[{"errors":[{"errorCode":{"authenticationError":"OAUTH_TOKEN_EXPIRED"}}]}]}} | failed & missing, wrong or expired
            google-ads-customer-clients | /v26/ | 403 | {"error":{"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}} | failed & lacks the scope adwords & caravan login
            google-ads-campaign-daily | /v26/customers/1234567890/ | 403 | {"error":{"details":[{"errors":[{"errorCode":{"authorizationError":"CUSTOMER_NOT_ENABLED"}}]}]}} | partial & skipped: & this account is cancelled
            google-ads-customer-clients | /v26/ | 403 | {"error":{"details":[{"errors":[{"errorCode":{"authorizationError":"USER_PERMISSION_DENIED"}}]}]}} | failed & google-ads.login-customer-id
            google-ads-customer-clients | /v26/ | 403 | {"error":{"details":[{"errors":[{"errorCode":{"authorizationError":"CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION"}}]}]}} | failed & apply for access there
            google-ads-customer-clients | /v26/ | 403 | {"error":{"details":[{"errors":[{"errorCode":{"authorizationError":"ACTION_NOT_PERMITTED"}}]}]}} | failed & lacks a right
            google-sheets-tabs | /v4/ | 403 | {"error":{"status":"PERMISSION_DENIED","details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}} | failed & lacks the scope spreadsheets.readonly
            google-sheets-tabs | /v4/ | 403 | {"error":{"status":"PERMISSION_DENIED","message":"The caller does not have permission"}} | failed & share it with the service account
            google-sheets-tabs | /v4/ | 404 | {"error":{"status":"NOT_FOUND","message":"Requested entity was not found."}} | failed & check google-sheets.spreadsheet-id
            google-sheets-rows | /v4/spreadsheets/1sandbox-budget/values | 400 | {"error":{"status":"INVALID_ARGUMENT","message":"Unable to parse range: 'Old'"}} | partial & skipped: & Unable to parse range
            hubspot-owners | /crm/ | 429 | {"policyName":"DAILY","message":"You have reached your daily limit."} | paused & HTTP 429
            hubspot-owners | /crm/ | 429 | {"policyName":"SECONDLY","message":"You have reached your secondly limit."} | done
            hubspot-owners | /crm/ | 429 | {"policyName":"TEN_SECONDLY_ROLLING"} | done
            hubspot-owners | /crm/ | 423 | {"message":"Locked"} | done
            hubspot-owners | /crm/ | 477 | {"message":"Migration in progress"} | done & waited
            hubspot-owners | /crm/ | 403 | {"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.objects.owners.read"]}}]} | partial & lacks a scope of crm.objects.owners.read & add it to the app
            mautic-contacts | /api/ | 401 | {"errors":[{"code":401,"message":"The access token provided has expired.","type":"invalid_grant"}]} | failed & has expired & missing, wrong or expired
            mautic-contacts | /api/ | 401 | {"error":"access_denied","error_description":"OAuth2 authentication required"} | failed & missing, wrong or expired
            mautic-contacts | /api/ | 403 | {"errors":[{"code":403,"message":"API disabled."}]} | failed & API Settings > API enabled
            mautic-contacts | /api/ | 403 | {"errors":[{"code":403,"message":"You do not have access"}]} | failed & role of the credential's user
            mautic-email-stats | /api/ | 200 | {"errors":[{"code":500,"message":"An exception occurred while executing a query"}]} | partial & An exception occurred
            open-meteo-forecast | /v1/ | 429 | {"error":true,"reason":"Minutely API request limit exceeded."} | done & waited
            open-meteo-forecast | /v1/ | 429 | {"error":true,"reason":"Hourly API request limit exceeded."} | paused & HTTP 429
            open-meteo-forecast | /v1/ | 429 | {"error":true,"reason":"Daily API request limit exceeded."} | paused & HTTP 429
            s3-orders | /sandbox-exports/exports | 404 | <Error><Code>NoSuchKey</Code></Error> | done
            s3-files | /sandbox-exports | 403 | <Error><Code>InvalidAccessKeyId</Code></Error> | failed & access key is not known, check s3.access-key
            s3-files | /sandbox-exports | 403 | <Error><Code>SignatureDoesNotMatch</Code></Error> | failed & does not belong to its access key, check s3.secret-key
            s3-orders | /sandbox-exports/exports | 403 | <Error><Code>InvalidObjectState</Code><Message>The operation is not valid for the object's storage class</Message></Error> | partial & skipped: & storage class & in an archive: restore it
            s3-files | /sandbox-exports | 403 | <Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large</Message></Error> | failed & RequestTimeTooSkewed & clock of this machine is wrong, set it
            s3-files | /sandbox-exports | 400 | <Error><Code>ExpiredToken</Code></Error> | failed & session token has ended & s3.session-token
            s3-files | /sandbox-exports | 400 | <Error><Code>InvalidToken</Code></Error> | failed & check s3.session-token
            s3-files | /sandbox-exports | 400 | <Error><Code>RequestTimeout</Code><Message>Your socket connection to the server was not read from or written to</Message></Error> | done
            s3-files | /sandbox-exports | 403 | <Error><Code>AccessDenied</Code></Error> | failed & lacks s3:ListBucket
            s3-files | /sandbox-exports | 404 | <Error><Code>NoSuchBucket</Code></Error> | failed & check s3.bucket
            s3-files | /sandbox-exports | 301 | <Error><Code>PermanentRedirect</Code></Error> | failed & in another region, set s3.region
            s3-files | /sandbox-exports | 400 | <Error><Code>AuthorizationHeaderMalformed</Code><Message>The region is wrong</Message></Error> | failed & in another region, set s3.region
            s3-orders | /sandbox-exports/exports | 200 Content-Length: 0 |  | done
            shopify-orders | /admin/ | 200 X-Shopify-API-Version: 2027-01 | {"data":{"orders":{"edges":[],"pageInfo":{"hasNextPage":false}}}} | partial & this version has ended, set shopify.version to a newer one
            shopify-orders | /admin/ | 423 | {"errors":"This shop is currently locked"} | done & waited
            shopify-orders | /admin/ | 430 | {"errors":"Security rejection"} | done & waited
            shopify-orders | /admin/ | 200 | {"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":52,"throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":2,"restoreRate":100.0}}}} | done & waited
            shopify-orders | /admin/ | 200 | {"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]} | done
            shopify-orders | /admin/ | 200 | {"errors":[{"message":"Access denied for orders field.","extensions":{"code":"ACCESS_DENIED"}}],"data":{"orders":null}} | partial & Access denied & give it to the app
            shopify-orders | /admin/ | 200 | {"errors":[{"message":"Shop is inactive","extensions":{"code":"SHOP_INACTIVE"}}]} | partial & Shop is inactive & frozen until its owner pays
            shopify-orders | /admin/ | 404 | {"errors":"Not Found"} | partial & no such shop: check shopify.shop
            shopify-orders | /admin/ | 402 | {"errors":"Unavailable Shop"} | partial & Unavailable Shop & frozen until its owner pays
            shopify-orders-rest | /admin/ | 403 | {"errors":"[API] This action requires merchant approval"} | partial & merchant approval & install the app again
            shopify-orders | /admin/ | 200 | {"errors":[{"message":"Field 'x' doesn't exist on type 'Order'"}]} | partial & Field 'x' doesn't exist
            shopify-orders-bulk | /admin/ | 200 | {"data":{"bulkOperationRunQuery":{"bulkOperation":null,"userErrors":[{"code":"INVALID","message":"Invalid bulk query"}]}}} | partial & Invalid bulk query
            slack-users | /api/ | 429 Retry-After: 30 | {"ok":false,"error":"ratelimited"} | done & waited
            slack-users | /api/ | 200 | {"ok":false,"error":"internal_error"} | done
            slack-users | /api/ | 200 | {"ok":false,"error":"invalid_cursor"} | done
            slack-messages | /api/conversations.history | 200 | {"ok":false,"error":"not_in_channel"} | partial & skipped: & not_in_channel
            slack-users | /api/ | 200 | {"ok":false,"error":"missing_scope","needed":"users:read","provided":"channels:read"} | failed & lacks the scope users:read and has channels:read & add it to the app
            slack-users | /api/ | 200 | {"ok":false,"error":"token_revoked"} | failed & token_revoked & missing, wrong or expired
            slack-users | /api/ | 200 | {"ok":false,"error":"team_access_not_granted"} | failed & team_access_not_granted
            slack-thread-replies | /api/conversations.replies | 200 | {"ok":false,"error":"thread_not_found"} | done
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final Sandbox sandbox = Sandbox.start(SandboxOptions.defaults().withRows(40));
    private int number;

    @AfterAll
    void close() {
        sandbox.close();
    }

    /** One of the lines above. */
    record Case(
            String stream,
            String path,
            int times,
            int status,
            Map<String, String> headers,
            String body,
            RunStatus end,
            List<String> words) {
        static Case read(String line) {
            String[] parts =
                    Arrays.stream(line.split(" \\| ?", -1)).map(String::strip).toArray(String[]::new);
            String[] path = parts[1].split(" ", -1);
            String[] status = parts[2].split(" ", 2);
            List<String> end = List.of(parts[4].split(" & ", -1));
            Map<String, String> headers = status.length == 1
                    ? Map.of()
                    : Map.of(status[1].split(": ", -1)[0], status[1].split(": ", -1)[1]);
            return new Case(
                    parts[0],
                    path[0],
                    path.length == 1 ? 1 : Integer.parseInt(path[1]),
                    Integer.parseInt(status[0]),
                    headers,
                    parts[3],
                    Arrays.stream(RunStatus.values())
                            .filter(each -> each.text().equals(end.get(0)))
                            .findFirst()
                            .orElseThrow(),
                    end.subList(1, end.size()));
        }

        Answer answer() {
            return new Answer(
                    status,
                    Headers.of(headers.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue())))),
                    body.getBytes(UTF_8));
        }

        @Override
        public String toString() {
            return stream + " " + status + " " + body;
        }
    }

    static Stream<Case> cases() {
        return CASES.lines().map(Case::read);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void doesWhatTheRuleSays(Case given) throws Exception {
        RunSummary summary = pull(given);

        assertThat(summary.status()).as(summary.error()).isEqualTo(given.end());
        if (given.end() == RunStatus.DONE) {
            assertThat(summary.error()).isNull();
            assertThat(summary.waits() > 0).isEqualTo(given.words().contains("waited"));
        } else {
            assertThat(summary.error()).contains(given.words());
        }
    }

    /** Of several rules that an answer fits, the first is the one that counts. */
    @Test
    void everyRuleHasAnAnswer() {
        Map<String, StreamDefinition> streams = ShippedStreams.all();
        Set<String> all = new TreeSet<>();
        Set<String> answered = new TreeSet<>();
        streams.forEach((id, definition) ->
                rules(definition).forEach(list -> list.forEach(rule -> all.add(name(definition, rule)))));
        cases().forEach(each -> {
            StreamDefinition definition = Objects.requireNonNull(streams.get(each.stream()), each.stream());
            rules(definition).forEach(list -> first(list, each.answer())
                    .ifPresent(rule -> answered.add(name(definition, rule))));
        });
        assertThat(answered).isNotEmpty();
        all.removeAll(answered);
        assertThat(all).as("rules without an answer here").isEmpty();
    }

    /** The rules that answers to a stream are read by; and those for the records it asks for one by one. */
    private static List<List<OutcomeRule>> rules(StreamDefinition definition) {
        List<OutcomeRule> usual = new ArrayList<>(definition.stream().outcomes());
        usual.addAll(definition.settings().outcomes());
        DetailSettings detail = definition.stream().detail();
        return detail == null ? List.of(usual) : List.of(usual, detail.outcomes());
    }

    private static String name(StreamDefinition definition, OutcomeRule rule) {
        return definition.vendor() + " " + rule;
    }

    private Optional<OutcomeRule> first(List<OutcomeRule> rules, Answer answer) {
        List<OutcomeRule> numbered = IntStream.range(0, rules.size())
                .mapToObj(index -> numbered(rules.get(index), index))
                .toList();
        return new Outcomes(numbered, Redaction.of(List::of), Clock.systemUTC()).judge(answer)
                                instanceof Outcome.Failure failure
                        && failure.hint().startsWith("rule ")
                ? Optional.of(rules.get(Integer.parseInt(failure.hint().substring(5))))
                : Optional.empty();
    }

    private static OutcomeRule numbered(OutcomeRule rule, int index) {
        return new OutcomeRule(
                rule.status(),
                rule.header(),
                rule.body(),
                rule.bodyContains(),
                OutcomeRule.Then.STOP,
                null,
                Advice.of("rule " + index));
    }

    private RunSummary pull(Case given) throws Exception {
        String vendor = ShippedStreams.vendor(given.stream());
        MovingClock clock = new MovingClock(NOW);
        Path home = Files.createDirectories(folder.resolve(Integer.toString(number++)));
        Map<String, String> settings = Map.of("shopify.bulk-poll", "10ms", "facebook-marketing.report-poll", "10ms");
        try (Workshop workshop = new Workshop(home, clock)) {
            try (LoadedRoutes routes = LoadedRoutes.whenAsked(
                    workshop,
                    OneVendor.in(home.resolve("routes"), vendor),
                    settings,
                    definition -> connection(workshop, definition),
                    given.stream())) {
                assertThat(routes.streams().problems()).isEmpty();
                LiveStream stream = routes.streams().live(given.stream());
                sandbox.fail(
                        ShippedStreams.host(stream.definition()),
                        given.path(),
                        given.times(),
                        Fault.status(given.status(), given.body(), given.headers()));
                RunRequest request = RunRequest.now();
                stream.ask(request);
                routes.context().start();
                RunSummary summary = awaited(request, stream, clock);
                assertThat(asked(stream.definition(), given))
                        .as("the answer was given")
                        .isNotEqualTo(given.body());
                return summary;
            }
        } finally {
            Records.control(sandbox, sandbox.host(vendor).orElseThrow(), "POST reset?x=1");
        }
    }

    /** What is answered now, after the answers that are others. */
    private String asked(StreamDefinition definition, Case given) throws Exception {
        URI address = URI.create(sandbox.base() + "/" + ShippedStreams.host(definition) + given.path());
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Where the stream waits for the vendor, and not longer than it has patience, time passes at once. */
    private static RunSummary awaited(RunRequest request, LiveStream stream, MovingClock clock) throws Exception {
        Instant end = Instant.now().plus(LIMIT);
        while (true) {
            try {
                return request.done().get(10, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                assertThat(Instant.now()).as(stream.state()).isBefore(end);
                stream.connection()
                        .limiter()
                        .held()
                        .filter(hold -> hold.until().isBefore(clock.instant().plus(PATIENCE)))
                        .ifPresent(hold -> clock.move(
                                Duration.between(clock.instant(), hold.until()).plusMillis(1)));
                if (stream.state().contains("job") || stream.state().contains("quota")) {
                    clock.move(Duration.ofSeconds(5));
                }
            }
        }
    }

    private LiveConnection connection(Workshop workshop, StreamDefinition definition) {
        Auth auth = definition
                .settings()
                .auth()
                .withCredential(sandbox.credential(definition.settings().url().getHost()))
                .auth(AuthContexts.offline());
        return workshop.connection(definition, Origin.REAL, auth, sandbox::address);
    }
}
