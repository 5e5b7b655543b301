package dev.caravan.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.caravan.Connection;
import dev.caravan.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The schema that editors check and complete vendor files with is made of the settings' own types and comments.
 * {@code -Dcaravan.write=true} writes it anew.
 */
class VendorFileSchemaTest {
    private static final Path FILE = Path.of("src/main/resources/caravan/vendor-file.schema.json");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\\n(- beans:.*?)```", Pattern.DOTALL);

    private final Schema schema;

    VendorFileSchemaTest() throws IOException {
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(made());
    }

    @Test
    void isWhatTheSettingsSay() throws IOException {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        String text = JSON.writer(printer).writeValueAsString(made()) + "\n";
        if (Boolean.getBoolean("caravan.write")) {
            Files.writeString(FILE, text, StandardCharsets.UTF_8);
        }
        assertThat(Files.readString(FILE))
                .as("write it anew: ./mvnw -Dtest=VendorFileSchemaTest -Dcaravan.write=true test")
                .isEqualTo(text);
    }

    @Test
    void acceptsEveryVendorFileThereIs() throws IOException {
        try (var files = Files.list(Path.of("routes"))) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".camel.yaml"))
                    .toList();
            assertThat(all).isNotEmpty();
            for (Path file : all) {
                assertThat(mistakes(Files.readString(file))).as(file.toString()).isEmpty();
            }
        }
    }

    @Test
    void acceptsTheExamplesOfTheDocs() throws IOException {
        Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("src/docs/vendor-files.md")));
        int count = 0;
        while (examples.find()) {
            count++;
            assertThat(mistakes(examples.group(1))).as(examples.group(1)).isEmpty();
        }
        assertThat(count).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disposition: merg",
                "lookbak: 1d",
                "parallel: two",
                "next: {from: nowhere}",
                "cursor: {field: at, formt: iso}",
                "records: {pth: $.rows}",
                "conditional: perhaps",
            })
    void refusesWhatTheLoaderRefuses(String setting) throws IOException {
        assertThat(mistakes(file(setting))).as(setting).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disposition: merge",
                "disposition: '{{acme.disposition:merge}}'",
                "lookback: ~",
                "parallel: '{{acme.parallel:2}}'",
                "key: [a, b.c]",
                "key: id",
                "cursor: {field: at, format: [iso, epoch-millis]}",
                "start: 2026-01-01",
                "query: {a: 1, b: [x, y], c: true, d: ~}",
                "body: {any: [{thing: 1}]}",
                "graphql: 'query { a }'",
                "graphql: {query: 'query { a }', variables: {n: 5}}",
                "job: {id: $.id, poll: {path: /x, every: 5s, done: {$.status: [DONE, EMPTY]}}, result: {urls: $.files}}",
                "detail: {path: '/x/${record.id}', merge: true, outcomes: [{status: 404, then: skip-record}]}",
                "next: {from: offset, to: query.skip, size: 10, parallel: 4}",
                "kind: search",
                "accounts: [north]",
            })
    void acceptsWhatTheLoaderAccepts(String setting) throws IOException {
        assertThat(mistakes(file(setting))).as(setting).isEmpty();
    }

    /** Which kinds of credential there are, only their reader knows. */
    @Test
    void namesTheCredentialsThatAreRead() throws IOException {
        List<String> named = new ArrayList<>();
        made().at("/definitions/AuthSettings/properties/type/enum").forEach(each -> named.add(each.asText()));
        assertThatThrownBy(() -> Binder.bind(
                        YAML.readTree("url: https://acme.example\nauth: {type: nonsense}"),
                        Connection.class,
                        "connection",
                        where -> where))
                .hasMessageEndingWith("use one of " + String.join(", ", named));
    }

    private static String file(String setting) {
        return """
                - beans:
                    - name: acme
                      type: dev.caravan.Connection
                      properties: {url: "https://acme.example", defaults: {every: 2h}}
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: acme-orders
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties:
                          path: /orders
                          %s
                """.formatted(setting);
    }

    private List<Error> mistakes(String yaml) throws IOException {
        return schema.validate(YAML.readTree(yaml));
    }

    private static ObjectNode made() throws IOException {
        ObjectNode file = (ObjectNode)
                JSON.readTree(VendorFileSchemaTest.class.getResourceAsStream("/vendor-file.schema.frame.json"));
        SchemaOfSettings settings = new SchemaOfSettings((ObjectNode) file.path("definitions"));
        ObjectNode connection = settings.of(Connection.class);
        ObjectNode stream = settings.of(Stream.class);
        ObjectNode definitions = settings.definitions();
        ObjectNode ofStream = (ObjectNode) definitions.path("Stream").path("properties");
        ofStream.putObject("connection")
                .put("type", "string")
                .put("description", "its name, in a file that declares several; default is the only one");
        ofStream.putObject("kind")
                .put("type", "string")
                .put("description", "which of the connection's kinds it is; default is none");
        ofStream.putObject("accounts").put("description", "the accounts it is pulled for; default is all");
        ObjectNode ofConnection = (ObjectNode) definitions.path("Connection").path("properties");
        ofConnection.set(
                "defaults",
                stream.deepCopy()
                        .put("description", "settings of every stream of the file, which lays its own over them"));
        ofConnection
                .putObject("kinds")
                .put("type", "object")
                .put("description", "named sets of defaults, laid over the others by a stream's kind")
                .set("additionalProperties", stream);
        JsonNode bean = definitions.path("bean").path("allOf");
        ((ObjectNode) bean.path(0).path("then").path("properties")).set("properties", connection);
        ((ObjectNode) bean.path(1).path("then").path("properties")).set("properties", stream);
        file.set("definitions", definitions);
        return file;
    }
}
