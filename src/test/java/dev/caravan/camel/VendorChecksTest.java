package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Origin;
import dev.caravan.connection.auth.Auth;
import dev.caravan.connection.auth.AuthContext;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.run.ConnectionCheck;
import dev.caravan.run.LiveConnection;
import dev.caravan.sandbox.Sandbox;
import dev.caravan.sandbox.SandboxOptions;
import dev.caravan.testkit.MovingClock;
import dev.caravan.testkit.OneVendor;
import dev.caravan.testkit.Records;
import dev.caravan.testkit.Workshop;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code check} says of each vendor's connection, in one line: that it works, or what is missing or wrong, with the vendor's
 * own words. Credentials are made of the settings, tokens come from the imitations' token endpoints.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class VendorChecksTest {
    private static final Instant NOW = Instant.parse("2026-04-01T00:00:01Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final MovingClock clock = new MovingClock(NOW);
    private final Sandbox sandbox =
            Sandbox.start(SandboxOptions.defaults().withRows(40).withClock(clock));
    private int number;

    @AfterAll
    void close() {
        sandbox.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            slack | token=xoxb-sandbox |
            slack | token=xoxb-other | invalid_auth & missing, wrong or expired & slack.token (SLACK_TOKEN or SLACK_BOT_TOKEN)
            slack | token=xoxb-sandbox-lacking | missing_scope & lacks the scope channels:read,groups:read & add it to the app
            hubspot | token=pat-na1-sandbox |
            hubspot | token=pat-na1-other | HTTP 401 & missing, wrong or expired & hubspot.token (HUBSPOT_TOKEN
            hubspot | token=pat-na1-sandbox-lacking | lacks a scope of crm.objects.contacts.read: & add it to the app
            hubspot | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh |
            hubspot | client-id=sandbox-app,client-secret=another-secret,refresh-token=sandbox-refresh | BAD_CLIENT_ID (missing or unknown client id) & check the credential & hubspot.client-secret (HUBSPOT_CLIENT_SECRET)
            hubspot | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=another-refresh | BAD_REFRESH_TOKEN (missing or invalid refresh token) & caravan login hubspot & hubspot.refresh-token (HUBSPOT_REFRESH_TOKEN)
            shopify | shop=sandbox-shop,access-token=shpat_sandbox |
            shopify | shop=sandbox-shop,access-token=shpat_other | Invalid API key or access token & missing, wrong or expired & shopify.access-token (SHOPIFY_ACCESS_TOKEN)
            shopify | shop=sandbox-shop,access-token=shpat_sandbox_lacking | `read_orders` access scope & the credential lacks a scope & give it to the app
            shopify | shop=sandbox-shop,client-id=sandbox-app,client-secret=sandbox-secret |
            shopify | shop=sandbox-shop,client-id=sandbox-app,client-secret=another-secret | invalid_client & check the credential & shopify.client-secret (SHOPIFY_CLIENT_SECRET)
            shopify | shop=sandbox-shop,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=shprt_sandbox |
            shopify | shop=sandbox-shop,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=shprt_sandbox-7 | invalid_grant (The refresh token is unknown & caravan login shopify & shopify.refresh-token
            shopify | shop=sandbox-shpo,access-token=shpat_sandbox | HTTP 404: Not Found & no such shop: check shopify.shop & for shopify.shop (SHOPIFY_SHOP)
            shopify | shop=sandbox-shpo,client-id=sandbox-app,client-secret=sandbox-secret | HTTP 404: Not Found & check its address & for shopify.shop (SHOPIFY_SHOP)
            facebook-marketing | token=EAAB_sandbox |
            facebook-marketing | token=EAAB_other | Cannot parse access token & missing, wrong or expired & (FACEBOOK_MARKETING_TOKEN or META_ACCESS_TOKEN)
            facebook-marketing | token=EAAB_sandbox_lacking | (#200) & lacks the scope ads_read & make another token
            facebook-marketing | token=EAAB_sandbox,path=/v26.0/act_100200300400502/,fault=no_permission | facebook-marketing-ads account=act_100200300400502 & (#200) & the credential may not read this ad account & 1 of 2 streams work
            facebook-marketing | token=EAAB_sandbox_short,app-id=1234567890,app-secret=sandbox-secret |
            facebook-marketing | token=EAAB_sandbox_short,app-id=1234567890,app-secret=another-secret | Error validating client secret & check the credential & facebook-marketing.app-secret
            facebook-marketing | token=EAAB_ended,app-id=1234567890,app-secret=sandbox-secret | validating access token: *** has expired & cannot be exchanged, get a new one & facebook-marketing.token
            mautic | url=https://mautic.example.com,client-secret=sandbox-secret,client-id=sandbox-app |
            mautic | url=https://mautic.example.com,client-secret=sandbox-secret,client-id=another-app | invalid_client & check the credential & mautic.client-id (MAUTIC_CLIENT_ID)
            mautic | url=https://mautic.example.com,client-secret=sandbox-secret,client-id=sandbox-app,path=/api,fault=denied | You do not have access & role of the credential's user & check its permissions
            mautic | url=https://mautic.example.com,client-secret=sandbox-secret,client-id=sandbox-app,path=/api,fault=disabled | API disabled & Configuration > API Settings
            google-ads | login-customer-id=9998887776,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh |
            google-ads | login-customer-id=9998887776,key-file=! |
            google-ads | login-customer-id=9998887776,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=another-refresh | invalid_grant (Token has been expired or revoked.) & caravan login google-ads & google-ads.refresh-token
            google-ads | login-customer-id=9998887776,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh-lacking | insufficient authentication scopes & lacks the scope adwords & caravan login
            google-ads | login-customer-id=1112223334,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh | root=1112223334 & may not read this account & google-ads.login-customer-id
            google-ads | login-customer-id=9998887776,key-file=!,path=/v26/customers/2345678901/,fault=permission | customer_id=2345678901 & may not read this account & google-ads.login-customer-id
            google-ads | login-customer-id=9998887776;1112223334,key-file=! | google-ads-customer-clients root=1112223334 & may not read this account
            gmail | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh |
            gmail | key-file=!,user=me@example.com |
            gmail | key-file=other,user=me@example.com | account not found & check it & gmail.key-file (GMAIL_KEY_FILE or GOOGLE_APPLICATION_CREDENTIALS)
            gmail | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=another-refresh | invalid_grant & caravan login gmail & gmail.refresh-token
            gmail | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh-lacking | insufficient authentication scopes & lacks the scope gmail.readonly & caravan login
            gmail | client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh,path=/gmail,fault=off | the Gmail API is off & enable it
            google-sheets | spreadsheet-id=1sandbox-budget,key-file=! |
            google-sheets | spreadsheet-id=1sandbox-budget,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh |
            google-sheets | spreadsheet-id=1sandbox-budget,path=/v4,key-file=!,fault=denied | spreadsheet_id=1sandbox-budget & does not have permission & share it with the service account
            google-sheets | spreadsheet-id=1sandbox-budget,client-id=sandbox-app,client-secret=sandbox-secret,refresh-token=sandbox-refresh-lacking | lacks the scope spreadsheets.readonly & caravan login
            google-sheets | spreadsheet-id=other,key-file=! | spreadsheet_id=other & Requested entity was not found & check google-sheets.spreadsheet-id
            google-sheets | spreadsheet-id=1sandbox-budget,client-id=sandbox-app,client-secret=another-secret,refresh-token=sandbox-refresh | invalid_client & check the credential & google-sheets.client-secret
            s3 | access-key=AKIASANDBOX,secret-key=sandbox-secret,bucket=sandbox-exports |
            s3 | access-key=AKIAOTHER,secret-key=sandbox-secret,bucket=sandbox-exports | InvalidAccessKeyId & access key is not known & s3.access-key (S3_ACCESS_KEY or AWS_ACCESS_KEY_ID)
            s3 | access-key=AKIASANDBOX,secret-key=another-secret,bucket=sandbox-exports | SignatureDoesNotMatch & secret key does not belong to its access key & s3.secret-key
            s3 | access-key=AKIASANDBOX,secret-key=sandbox-secret,bucket=sandbox-exports,fault=denied | Access Denied (AccessDenied) & lacks s3:ListBucket
            s3 | access-key=AKIASANDBOX,secret-key=sandbox-secret,bucket=other | NoSuchBucket & there is no such bucket & check s3.bucket
            stripe | api-key=sk_test_sandbox |
            stripe | api-key=sk_test_other | Invalid API Key & missing, wrong or expired & stripe.api-key (STRIPE_API_KEY or STRIPE_SECRET_KEY)
            stripe | api-key=rk_test_sandbox | rk_test_*****dbox & rak_charge_read & check its permissions
            github | token=ghp_sandbox |
            github | token=ghp_other | Bad credentials & missing, wrong or expired & github.token (GITHUB_TOKEN or GH_TOKEN)
            github | token=ghp_sandbox,repositories=octo-org/hello-world;octo-org/nowhere,path=/repos/octo-org/nowhere/,fault=not_found | owner=octo-org&repo=nowhere & Not Found & check github.repositories & 2 of 3 streams work
            github | token=github_pat_sandbox | Resource not accessible & check its permissions
            open-meteo |  |
            """)
    void saysInOneLineWhatIsMissingOrWrong(String vendor, @Nullable String settings, @Nullable String words)
            throws Exception {
        ConnectionCheck check = check(vendor, settings == null ? "" : settings);
        String line = check.line();

        assertThat(line).startsWith(vendor + " ").doesNotContain("\n");
        assertThat(line.contains("***"))
                .as("something is masked in: %s", line)
                .isEqualTo(words != null && words.contains("***"));
        assertThat(List.of(
                        "sandbox-secret",
                        "another-",
                        "sandbox-refresh",
                        "xoxb-",
                        "shpat_",
                        "EAAB_",
                        "ghp_",
                        "sk_test_other"))
                .noneMatch(line::contains);
        if (words == null) {
            assertThat(line).contains("works: " + vendor + "-");
            assertThat(check.exitCode()).isZero();
        } else {
            boolean some = line.contains(" partial: ");
            assertThat(line)
                    .contains((some ? "partial: " : "failed: ") + vendor + "-")
                    .contains(words.split(" & "));
            assertThat(check.exitCode()).isEqualTo(some ? 4 : 1);
        }
    }

    private ConnectionCheck check(String vendor, String given) throws Exception {
        Path home = Files.createDirectories(folder.resolve(Integer.toString(number++)));
        Map<String, String> settings = new HashMap<>();
        for (String each : given.isEmpty() ? new String[0] : given.split(",")) {
            String[] pair = each.split("=", 2);
            if (pair[0].equals("fault")) {
                Records.control(
                        sandbox,
                        host(vendor),
                        "POST fault?kind=refusal&times=20&name=%s&path=%s",
                        pair[1],
                        settings.getOrDefault("path", ""));
            } else if (pair[0].equals("path")) {
                settings.put("path", pair[1]);
            } else if (pair[0].equals("key-file")) {
                String key = sandbox.keyFile(URI.create("https://" + host(vendor) + "/token"));
                Path file = home.resolve("key.json");
                Files.writeString(file, pair[1].equals("!") ? key : key.replace("caravan@", "other@"));
                settings.put(vendor + ".key-file", file.toString());
            } else {
                settings.put(vendor + "." + pair[0], pair[1].replace(';', ','));
            }
        }
        settings.put(vendor + ".token-url", "https://" + host(vendor) + "/token");
        try (Workshop workshop = new Workshop(home, clock)) {
            try (LoadedRoutes routes = LoadedRoutes.whenAsked(
                    workshop,
                    OneVendor.in(home.resolve("routes"), vendor),
                    settings,
                    definition -> connection(workshop, definition),
                    "")) {
                assertThat(routes.streams().problems()).isEmpty();
                routes.context().start();
                return ConnectionCheck.of(routes.streams().all());
            }
        } finally {
            Records.control(sandbox, host(vendor), "POST reset?x=1");
        }
    }

    private String host(String vendor) {
        return sandbox.host(vendor).orElseThrow();
    }

    private LiveConnection connection(Workshop workshop, StreamDefinition definition) {
        AuthContext own = workshop.authContext(definition.connection());
        AuthContext imitated = new AuthContext(
                own.connection(),
                request -> own.transport().send(request.withUri(sandbox.address(request.uri()))),
                own.store(),
                own.clock());
        Auth auth = definition.settings().auth().auth(imitated);
        return workshop.connection(definition, Origin.REAL, auth, sandbox::address);
    }
}
