package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands about credentials, as people type them, in this process. */
@Timeout(120)
class CredentialsCommandTest {
    private final FakeApi api = FakeApi.start();
    private final AtomicReference<String> accepted = new AtomicReference<>("nothing");
    private final Path folder;

    CredentialsCommandTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        api.on(
                "/orders",
                asked -> ("Bearer " + accepted.get()).equals(asked.headers().getFirst("Authorization"))
                        ? Reply.page(List.of("{\"id\":1}"), "")
                        : Reply.status(401).json("{\"error\":\"who are you?\"}"));
        Files.createDirectories(folder.resolve("routes"));
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aStoredSecretCountsBeforeTheSettingAndOneThatIsGivenBeforeIt() throws Exception {
        vendor("{type: bearer, token: \"{{acme.token}}\"}");
        accepted.set("set-anywhere");
        assertThat(run("", "credentials", "validate", "acme").code()).isZero();

        assertThat(run("st0red-secret\n", "credentials", "put", "acme", "token").expect(0))
                .isEqualTo("Kept 'token' of acme\n");
        assertThat(run("", "check", "acme").code()).isEqualTo(1);
        accepted.set("st0red-secret");
        assertThat(run("", "credentials", "validate", "acme").expect(0))
                .startsWith("acme")
                .contains("works: acme-orders");

        Path given = Files.writeString(folder.resolve("given"), "g1ven-secret");
        assertThat(run("", "check", "acme", "--secret", "acme.token=@" + given).code())
                .isEqualTo(1);
        accepted.set("g1ven-secret");
        assertThat(run("", "check", "acme", "--secret", "acme.token=@" + given).code())
                .isZero();
        assertThat(run("", "check", "acme", "--secret", "acme.token=g1ven-secret")
                        .all())
                .contains("acme.token=@FILE")
                .doesNotContain("g1ven");

        String list = run("", "credentials", "list").expect(0);
        assertThat(list).contains("acme", "token", "kept 0 min ago").doesNotContain("st0red");
        String sealed = Files.readString(folder.resolve("data/state/credentials/credentials.json"));
        assertThat(run("", "credentials", "rotate").expect(0)).isEqualTo("Sealed 1 secret under a new key\n");
        assertThat(Files.readString(folder.resolve("data/state/credentials/credentials.json")))
                .isNotEqualTo(sealed);
        accepted.set("st0red-secret");
        assertThat(run("", "credentials", "validate", "acme").code()).isZero();

        assertThat(run("", "credentials", "remove", "acme", "token").expect(0)).isEqualTo("Forgot 1 secret of acme\n");
        assertThat(run("", "credentials", "remove", "acme", "token").code()).isEqualTo(2);
        assertThat(run("", "credentials", "list").expect(0)).isEqualTo("Nothing is kept\n");
    }

    @Test
    void checkTellsWhichSettingIsMissing() throws Exception {
        vendor("{type: bearer, token: \"{{acme.key|ACME_API_KEY}}\"}");
        Said check = run("", "check", "acme");

        assertThat(check.code()).isEqualTo(2);
        assertThat(check.all().lines().filter(line -> line.startsWith("acme ")))
                .singleElement()
                .asString()
                .contains("not-configured: acme-orders", "has no credential; set acme.key (ACME_KEY or ACME_API_KEY)");
    }

    @Test
    void checkAsksEveryStreamAndAnInstallationOfOnesOwnIsImitatedToo() throws Exception {
        for (String file : List.of("mautic", "shared/errors", "templates/stream")) {
            Path copy = folder.resolve("routes/" + file + ".camel.yaml");
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of("routes/" + file + ".camel.yaml"), copy);
        }
        assertThat(run("", "--caravan.sandbox=all", "--mautic.url=https://marketing.acme.example", "check", "mautic")
                        .expect(0))
                .contains(
                        "works: mautic-campaigns, mautic-contacts, mautic-email-stats, mautic-emails answered 4 requests",
                        "(sandbox)");
        assertThat(run("", "check", "mautic").all())
                .contains("has no credential; set mautic.client-id (MAUTIC_CLIENT_ID), mautic.client-secret");
    }

    @Test
    void anotherKeySaysSo() throws Exception {
        vendor("{type: bearer, token: \"{{acme.token}}\"}");
        String key = "--caravan.key=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        String other = "--caravan.key=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
        run("st0red-secret", key, "credentials", "put", "acme", "token").expect(0);
        String wrong = run("", other, "check", "acme").all();
        assertThat(wrong)
                .contains("acme.camel.yaml", "was sealed with the key", "caravan.key (CARAVAN_KEY) does not have");
        assertThat(run("", "--caravan.key=hunter2", "check", "acme").all())
                .contains("openssl rand -base64 32")
                .doesNotContain("hunter2");
    }

    @Test
    void aRefreshTokenThatIsPastedIsTriedAndKept() throws Exception {
        vendor("{type: refresh-token, url: \"%s/token\", client-id: me, refresh-token: \"{{acme.refresh}}\"}"
                .formatted(api.url()));
        api.on("/token", asked -> {
            if (!asked.body().contains("refresh_token=p4sted")) {
                return Reply.status(400).json("{\"error\":\"invalid_grant\"}");
            }
            accepted.set("access");
            return Reply.ok("{\"access_token\":\"access\",\"expires_in\":3600}");
        });
        assertThat(run("", "check", "acme").all()).contains("has no credential");
        assertThat(run("wr0ng", "login", "acme", "--token").all())
                .contains("invalid_grant")
                .doesNotContain("wr0ng");
        assertThat(run("p4sted", "login", "acme", "--token").expect(0)).contains("acme is logged in");
        assertThat(run("", "check", "acme").code()).isZero();
    }

    @Test
    void saysWhatIsWrongWithWhatWasTyped() throws Exception {
        vendor("{type: bearer, token: x}");
        assertThat(run("", "credentials").all()).contains("Usage:", "put", "rotate");
        assertThat(run("abc", "credentials", "put", "acme", "a/b").all()).contains("'a/b' is no name of a setting");
        assertThat(run("", "credentials", "put", "acme", "token").all()).contains("nothing to read");
        assertThat(run("abc", "credentials", "put", "acmee", "token").all())
                .contains("No stream belongs to a connection 'acmee'");
        assertThat(run("", "login", "acme").all()).contains("A login is for 'auth: {type: refresh-token}'");
        assertThat(run("", "login", "acme", "--device", "--token").code()).isEqualTo(2);
    }

    private void vendor(String auth) throws IOException {
        Files.writeString(folder.resolve("routes/acme.camel.yaml"), """
                - beans:
                    - name: acme
                      type: dev.caravan.Connection
                      properties: {url: "%s", auth: %s}
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: acme-orders
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties: {path: /orders, records: $.data, key: id}
                """.formatted(api.url(), auth));
    }

    private record Said(int code, String out, String err) {
        String expect(int wanted) {
            assertThat(code).as(all()).isEqualTo(wanted);
            return out;
        }

        String all() {
            return out + err;
        }
    }

    /** @param words a setting, or words of the command */
    private Said run(String typed, String... words) {
        List<String> all = List.of(words);
        List<String> settings = new java.util.ArrayList<>(
                all.stream().filter(Caravan::isSetting).toList());
        settings.add("--caravan.routes=" + folder.resolve("routes"));
        settings.add("--caravan.data=" + folder.resolve("data"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
        System.setProperty("acme.token", "set-anywhere");
        try {
            CommandLine line = Caravan.commandLine(new Launcher(settings))
                    .setOut(new PrintWriter(out, true))
                    .setErr(new PrintWriter(err, true));
            int code = line.execute(
                    all.stream().filter(word -> !Caravan.isSetting(word)).toArray(String[]::new));
            return new Said(code, out.toString(), err.toString());
        } finally {
            System.setIn(before);
            System.clearProperty("acme.token");
        }
    }
}
