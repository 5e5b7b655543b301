package dev.caravan.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.Stream.Disposition;
import dev.caravan.connection.Request;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.testkit.AuthContexts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VendorFileReaderTest {
    private static final String FILE = """
            - beans:
                - name: acme
                  type: dev.caravan.Connection
                  properties:
                    url: https://api.acme.example/v1
                    auth: {type: bearer, token: "{{acme.token}}"}
                    defaults:
                      query: {limit: 100}
                      records: $.data
                      key: id
            - templatedRoute:
                routeTemplateRef: stream
                routeId: acme-orders
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
                      path: /orders
                      query: {status: open}
                      every: "{{acme.orders.every:2h}}"
            """;

    private final Path folder;
    private final Map<String, String> settings = new java.util.HashMap<>(Map.of("acme.token", "s3cret-token"));

    VendorFileReaderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void bindsAStreamWithTheDefaultsOfItsConnection() {
        VendorFile file = read(FILE);
        assertThat(file.problems()).isEmpty();
        StreamDefinition orders = file.streams().get(0);
        assertThat(orders.id()).isEqualTo("acme-orders");
        assertThat(orders.name()).isEqualTo("orders");
        assertThat(orders.stream().query()).hasToString("{limit=100, status=open}");
        assertThat(orders.stream().key()).hasSize(1);
        assertThat(orders.stream().every()).hasToString("2h");
        assertThat(orders.stream().disposition()).isEqualTo(Disposition.APPEND);
        assertThat(orders.line()).isEqualTo(11);
        assertThat(file.camel()).isEmpty();
    }

    @Test
    void knowsWhichSettingsAConnectionLacksBesideItsCredential() {
        String needing = FILE.replace("    auth:", "    needs: [acme.shop|ACME_SHOP_NAME, acme.token]\n        auth:");
        assertThat(read(needing).streams().get(0).settings().needs()).containsExactly("acme.shop");
        settings.put("acme.shop", "north");
        assertThat(read(needing).streams().get(0).settings().needs()).isEmpty();
    }

    @Test
    void keepsNumbersAsTheyAreWritten() {
        VendorFile file = read(FILE.replace(
                "path: /orders",
                "path: /orders\n          method: POST\n          headers: {Version: 1.10}"
                        + "\n          body: {limit: 2, rate: 1.10, id: 12345678901234567890, code: 007, on: true}"));
        assertThat(file.problems()).isEmpty();
        assertThat(file.streams().get(0).stream().headers()).containsEntry("Version", "1.10");
        assertThat(String.valueOf(file.streams().get(0).stream().body()))
                .isEqualTo("{limit=2, rate=1.10, id=12345678901234567890, code=007, on=true}");
    }

    @Test
    void makesEveryStreamOncePerAccountWithItsOwnSettings() {
        settings.put("north.token", "northern-token");
        settings.put("south.token", "southern-token");
        settings.put("south.orders.every", "5m");
        VendorFile file =
                read(FILE, List.of(new Account("north", Map.of("org", "n")), new Account("south", Map.of("org", "s"))));
        assertThat(file.problems()).isEmpty();
        assertThat(file.streams()).extracting(StreamDefinition::id).containsExactly("north-orders", "south-orders");
        assertThat(file.streams().get(0).settings().auth().toString()).doesNotContain("northern-token");
        assertThat(authorized(file)).containsEntry("Authorization", "Bearer northern-token");
        assertThat(file.streams().get(1).settings().tags()).containsEntry("org", "s");
        assertThat(file.streams().get(1).stream().every()).hasToString("5m");
    }

    @Test
    void laysTheSettingsOfAKindBetweenTheDefaultsAndTheStreamsOwn() {
        VendorFile file = read(FILE.replace("          key: id\n", """
                                  key: id
                                  window: 1d
                                kinds:
                                  search:
                                    method: POST
                                    query: {limit: ~}
                                    body: {limit: 200, filter: {a: 1, b: 2}}
                                    cursor: {field: at}
                        """)
                .replace("path: /orders", "path: /orders\n          kind: search\n          body: {filter: {b: 3}}"));
        assertThat(file.problems()).isEmpty();
        var stream = file.streams().get(0).stream();
        assertThat(stream.query()).hasToString("{status=open}");
        assertThat(stream.method()).isEqualTo("POST");
        assertThat(String.valueOf(stream.body())).isEqualTo("{limit=200, filter={a=1, b=3}}");
        assertThat(String.valueOf(stream.window())).isEqualTo("1d");
    }

    @Test
    void refusesAKindThatTheConnectionDoesNotHave() {
        assertThat(problem(FILE.replace("path: /orders", "path: /orders\n          kind: search")))
                .isEqualTo("acme.camel.yaml:19: stream 'acme-orders': kind 'search' is none of the connection's kinds:"
                        + " it has none");
        assertThat(problem(FILE.replace("        defaults:", "        kinds: {list: {window: 1x}}\n        defaults:")
                        .replace("path: /orders", "path: /orders\n          kind: list")))
                .startsWith("acme.camel.yaml:7: stream 'acme-orders': setting 'window': '1x' is not a length of time");
    }

    @Test
    void pullsAStreamForTheAccountsItNames() {
        List<Account> accounts = List.of(new Account("north", Map.of()), new Account("south", Map.of()));
        String one = FILE.replace("path: /orders", "path: /orders\n          accounts: [north]");
        assertThat(read(one, accounts).streams())
                .extracting(StreamDefinition::id)
                .containsExactly("north-orders");
        assertThat(read(one.replace("[north]", "south"), accounts).streams())
                .extracting(StreamDefinition::id)
                .containsExactly("south-orders");
        assertThat(read(one.replace("north", "nroth"), accounts)
                        .problems()
                        .get(0)
                        .message())
                .isEqualTo("acme.camel.yaml:19: stream 'acme-orders': accounts: 'nroth' is no account of acme,"
                        + " these are: north, south");
    }

    @Test
    void leavesOutWhatAsksForAnOptionalSettingThatIsMissing() {
        String optional = FILE.replace(
                "query: {status: open}",
                "query: {status: open, team: \"{{?acme.team}}\", list: [a, \"{{?acme.more}}\"]}\n"
                        + "          headers: {X-Account: \"id {{?acme.account}}\"}");
        var without = read(optional).streams().get(0).stream();
        assertThat(without.query()).hasToString("{limit=100, status=open, list=[a]}");
        assertThat(without.headers()).isEmpty();
        settings.put("acme.team", "blue");
        settings.put("acme.account", "7");
        settings.put("acme.more", "");
        var with = read(optional).streams().get(0).stream();
        assertThat(with.query()).hasToString("{limit=100, status=open, team=blue, list=[a]}");
        assertThat(with.headers()).containsEntry("X-Account", "id 7");
    }

    @Test
    void takesAMissingCredentialForNotConfigured() {
        settings.clear();
        VendorFile file = read(FILE);
        assertThat(file.problems()).isEmpty();
        assertThat(file.streams()
                        .get(0)
                        .settings()
                        .auth()
                        .auth(AuthContexts.offline())
                        .configured())
                .isFalse();
    }

    @Test
    void readsTheFirstOfSeveralNamesThatHasAValue() {
        String file = FILE.replace("{{acme.token}}", "{{acme.token|ACME_KEY|OLD_ACME_KEY}}");
        settings.clear();
        settings.put("OLD_ACME_KEY", "{{acme.other}} as it is");
        assertThat(authorized(read(file))).containsEntry("Authorization", "Bearer {{acme.other}} as it is");
        settings.put("ACME_KEY", "known");
        assertThat(authorized(read(file))).containsEntry("Authorization", "Bearer known");
        settings.put("acme.token", "own");
        assertThat(authorized(read(file))).containsEntry("Authorization", "Bearer own");
    }

    @Test
    void lendsTheNameThatUsersKnowToTheDefaultAccountOnly() {
        settings.clear();
        settings.put("ACME_KEY", "known");
        String text = FILE.replace("{{acme.token}}", "{{acme.token|ACME_KEY}}");
        VendorFile file = read(text, List.of(new Account("north", Map.of())));
        assertThat(file.streams()
                        .get(0)
                        .settings()
                        .auth()
                        .auth(AuthContexts.offline())
                        .configured())
                .isFalse();
    }

    @Test
    void namesEverySettingOfWhichNoneHasAValue() {
        VendorFile file = read(FILE.replace("https://api.acme.example/v1", "'{{acme.url|ACME_ADDRESS}}'"));
        assertThat(file.problems())
                .singleElement()
                .extracting(Problem::message)
                .isEqualTo(
                        "acme.camel.yaml:4: connection 'acme': None of the settings acme.url, ACME_ADDRESS has a value");
        assertThat(read(FILE.replace("https://api.acme.example/v1", "'{{acme.url|ACME_ADDRESS:https://x.example}}'"))
                        .problems())
                .isEmpty();
    }

    @Test
    void leavesOutAHeaderWhoseOptionalSettingIsMissing() {
        String text = FILE.replace(
                "token: \"{{acme.token}}\"}",
                "token: abc, headers: {X-Dev: \"{{?acme.dev}}\"}}\n        headers: {X-Account: \"{{?acme.account}}\"}");
        assertThat(authorized(read(text))).containsOnlyKeys("Authorization");
        assertThat(read(text).streams().get(0).settings().headers()).isEmpty();
        settings.put("acme.dev", "d-1");
        settings.put("acme.account", "a-1");
        assertThat(authorized(read(text))).containsEntry("X-Dev", "d-1");
        assertThat(read(text).streams().get(0).settings().headers()).containsEntry("X-Account", "a-1");
    }

    @Test
    void refusesATokenAddressThatIsNotEncryptedUnlikeTheApi() {
        VendorFile file = read(FILE.replace(
                "{type: bearer, token: \"{{acme.token}}\"}",
                "{type: client-credentials, url: \"http://auth.acme.example/token\", client-id: a, client-secret: b}"));
        assertThat(file.problems())
                .singleElement()
                .extracting(Problem::message)
                .asString()
                .contains("auth.url 'http://auth.acme.example' is not encrypted, unlike url; write https");
    }

    @Test
    void namesLineAndNearestSettingUnderAuthAndShowsNoValue() {
        VendorFile file = read(FILE.replace("token: \"{{acme.token}}\"", "tokn: s3cret-literal"));
        assertThat(file.problems())
                .singleElement()
                .extracting(Problem::message)
                .asString()
                .startsWith("acme.camel.yaml:6: connection 'acme': unknown setting 'auth.tokn'; did you mean 'token'?")
                .doesNotContain("s3cret");
    }

    @Test
    void namesAMisspeltSettingBeforeWhatItLacksBreaks() {
        VendorFile file = read(FILE.replace("          key: id\n", "")
                .replace("path: /orders", "path: /orders\n          kye: id\n          sink: [files, duckdb]"));
        assertThat(file.problems())
                .singleElement()
                .extracting(Problem::message)
                .asString()
                .contains("stream 'acme-orders': unknown setting 'kye'; did you mean 'key'?");
    }

    @Test
    void doesNotLendOneAccountTheCredentialOfAnother() {
        VendorFile file = read(FILE, List.of(new Account("north", Map.of())));
        assertThat(file.streams()
                        .get(0)
                        .settings()
                        .auth()
                        .auth(AuthContexts.offline())
                        .configured())
                .isFalse();
    }

    @Test
    void namesFileLineStreamAndNearestSettingForAMisspeltOne() {
        VendorFile file = read(FILE.replace("path: /orders", "pth: /orders"));
        assertThat(file.streams()).isEmpty();
        assertThat(message(file))
                .startsWith("acme.camel.yaml:18: stream 'acme-orders': unknown setting 'pth'; did you mean 'path'?");
    }

    @Test
    void namesTheLineOfAWrongValueInTheDefaults() {
        VendorFile file = read(FILE.replace("key: id", "window: soon"));
        assertThat(message(file))
                .startsWith("acme.camel.yaml:10: stream 'acme-orders': ")
                .contains("'soon'");
    }

    @Test
    void neverShowsACredential() {
        VendorFile file = read(FILE.replace("type: bearer, token", "type: nonsense, token"));
        assertThat(message(file))
                .contains("acme.camel.yaml:6")
                .contains("nonsense")
                .doesNotContain("s3cret");
    }

    @Test
    void sparesTheOtherStreamsOfAFile() {
        String second = """
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: acme-customers
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties: {path: /customers, parallel: many}
                """;
        VendorFile file = read(FILE + second);
        assertThat(file.streams()).extracting(StreamDefinition::id).containsExactly("acme-orders");
        assertThat(message(file)).contains("acme-customers", "setting 'parallel'", "'many' is not a whole number");
    }

    @Test
    void refusesAStreamOfAnUnknownConnectionOrOfAnotherName() {
        assertThat(message(read(FILE.replace("path: /orders", "connection: acne"))))
                .contains("unknown connection 'acne'; this file declares: acme");
        assertThat(message(read(FILE.replace("routeId: acme-orders", "routeId: orders"))))
                .contains("an id is 'acme-<stream>'");
    }

    @Test
    void saysWhereTextIsNotYaml() {
        assertThat(message(read(FILE.replace("- templatedRoute:", "- templatedRoute: ["))))
                .startsWith("acme.camel.yaml:")
                .contains("not readable as YAML");
        assertThat(message(read(""))).contains("empty");
        assertThat(message(read("a: 1"))).contains("a route file is a list");
        assertThat(message(read("- &a [*a]"))).contains("not readable as YAML");
        assertThat(message(read(FILE.replace("records: $.data", "records: $.data\n          records: $.rows"))))
                .contains("duplicate");
    }

    @Test
    void namesAPlaceholderWithoutAValue() {
        VendorFile file = read(FILE.replace("path: /orders", "path: \"/{{acme.shop}}/orders\""));
        assertThat(message(file)).contains("acme.camel.yaml", "acme-orders", "acme.shop");
    }

    @Test
    void handsTheRestOfTheFileToCamelLineForLine() {
        String own = "- route:\n    id: slim\n    from:\n      uri: direct:slim\n";
        VendorFile file = read(FILE + own);
        assertThat(file.camel().lines().filter(line -> !line.isBlank()).toList())
                .isEqualTo(own.lines().toList());
        assertThat(file.camel().lines().toList().indexOf("- route:"))
                .isEqualTo((FILE + own).lines().toList().indexOf("- route:"));
    }

    @Test
    void keepsOtherBeansOfTheSameList() {
        String own = "    - name: other\n      type: java.util.ArrayList\n";
        int end = FILE.indexOf("- templatedRoute:");
        VendorFile file = read(FILE.substring(0, end) + own + FILE.substring(end));
        assertThat(file.problems()).isEmpty();
        assertThat(file.camel().lines().filter(line -> !line.isBlank()).toList())
                .containsExactly("- beans:", "    - name: other", "      type: java.util.ArrayList");
    }

    @Test
    void dropsAnIdThatAnotherFileHas() {
        List<VendorFile> files = VendorFileReader.withoutDuplicates(
                List.of(read(FILE), reader(List.of()).read("copy.camel.yaml", FILE)));
        assertThat(files.get(0).streams()).hasSize(1);
        assertThat(files.get(1).streams()).isEmpty();
        assertThat(message(files.get(1))).contains("copy.camel.yaml:11", "already defined at acme.camel.yaml:11");
    }

    private static String message(VendorFile file) {
        assertThat(file.problems()).isNotEmpty();
        return file.problems().get(0).message();
    }

    private String problem(String text) {
        return read(text).problems().get(0).message();
    }

    private VendorFile read(String text) {
        return read(text, List.of());
    }

    @Test
    void readsASchemaFromAFileBesideItOrFromTheStreamItself() throws IOException {
        Files.createDirectory(folder.resolve("schemas"));
        Files.writeString(folder.resolve("schemas/orders.json"), "{\"properties\":{\"n\":{\"maximum\":1.15}}}");
        VendorFile named = read(FILE.replace("path: /orders", "path: /orders\n          schema: schemas/orders.json"));
        VendorFile written = read(
                FILE.replace("path: /orders", "path: /orders\n          schema: {properties: {n: {maximum: 1.15}}}"));
        assertThat(named.problems()).isEmpty();
        assertThat(written.problems()).isEmpty();
        assertThat(named.streams().get(0).stream().schema())
                .hasToString("{\"properties\":{\"n\":{\"maximum\":1.15}}}")
                .isEqualTo(written.streams().get(0).stream().schema());
    }

    @Test
    void namesASchemaThatIsNotThereOrElsewhereOrNoJson() throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        Files.writeString(folder.resolve("outside.json"), "{}");
        Files.createSymbolicLink(routes.resolve("link.json"), folder.resolve("outside.json"));
        Files.writeString(routes.resolve("broken.json"), "{\n\"type\": object}");
        assertThat(schemaProblem(routes, "schemas/none.json"))
                .startsWith("acme.camel.yaml:19: stream 'acme-orders': schema 'schemas/none.json' is no file of ")
                .contains("name one such as schemas/orders.json");
        for (String outside : List.of(
                "../outside.json", "link.json", folder.resolve("outside.json").toString())) {
            assertThat(schemaProblem(routes, outside)).contains("schema '" + outside + "' leads out of " + routes);
        }
        assertThat(schemaProblem(routes, "broken.json"))
                .contains("schema 'broken.json' is not JSON: Unrecognized token 'object'", "line 2");
    }

    private String schemaProblem(Path routes, String name) {
        String text = FILE.replace("path: /orders", "path: /orders\n          schema: " + name);
        VendorFile file = new VendorFileReader(vendor -> List.of(), this::fill, routes).read("acme.camel.yaml", text);
        assertThat(file.streams()).isEmpty();
        return file.problems().get(0).message();
    }

    private VendorFile read(String text, List<Account> accounts) {
        return reader(accounts).read("acme.camel.yaml", text);
    }

    private VendorFileReader reader(List<Account> accounts) {
        return new VendorFileReader(vendor -> accounts, this::fill, folder);
    }

    private String fill(String text) {
        Matcher matcher = Pattern.compile("\\{\\{([^:}]+)(?::([^}]*))?}}").matcher(text);
        return matcher.replaceAll(found -> {
            String value = settings.getOrDefault(found.group(1), found.group(2));
            if (value == null) {
                throw new IllegalArgumentException("no value for " + found.group(1));
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private Map<String, String> authorized(VendorFile file) {
        return file.streams()
                .get(0)
                .settings()
                .auth()
                .auth(AuthContexts.offline())
                .authorize(new Request("GET", URI.create("https://api.example.com/"), Map.of(), null))
                .headers();
    }
}
