package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An API that leads elsewhere, in every way it can: by next addresses, redirects, files of jobs and records with addresses. Its
 * neighbour listens on another loopback address, and on another port of the same.
 */
@Timeout(60)
class ForeignOriginTest {
    private static final List<String> SECRETS = List.of("Authorization", "X-api-key", "X-vendor", "Cookie");

    private final Path folder;
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();
    private final FakeApi elsewhere = FakeApi.start("127.0.0.2");
    private final FakeApi otherPort = FakeApi.start();

    ForeignOriginTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
        for (FakeApi each : List.of(elsewhere, otherPort)) {
            each.on("/x", asked -> Reply.ok("{\"data\":[{\"id\":666}]}"));
        }
    }

    @AfterEach
    void close() {
        api.close();
        elsewhere.close();
        otherPort.close();
        workshop.close();
    }

    @Test
    void neverFollowsAnAddressThatIsNotTheVendors() throws Exception {
        String host = api.url().substring("http://".length());
        List<String> addresses = List.of(
                elsewhere.url() + "/x",
                otherPort.url() + "/x",
                elsewhere.url().replace("http:", "") + "/x",
                "https://" + host + "/x",
                "ftp://" + host + "/x",
                "file:///etc/hostname",
                "http://user:password@" + host + "/x",
                "http://" + host + "@" + elsewhere.url().substring("http://".length()) + "/x",
                "http://" + elsewhere.url().substring("http://".length()) + "#@" + host + "/x",
                "http://2130706434" + elsewhere.url().substring("http://127.0.0.2".length()) + "/x",
                "http://169.254.169.254/latest/meta-data",
                "//\\" + elsewhere.url().substring("http://".length()) + "/x");
        List<String> streams = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        String[] ways = {
            "{from: next-url, value: $.next}",
            "{from: link-header}",
            "{from: header, value: X-Next, to: url}",
            "{from: last-record, value: self, to: url}"
        };
        for (int i = 0; i < addresses.size(); i++) {
            String address = addresses.get(i).replace("\\", "\\\\");
            String plain = addresses.get(i);
            String path = "/away/" + i;
            api.on(path, asked -> Reply.ok(
                            "{\"data\":[{\"id\":1,\"self\":\"%s\"}],\"next\":\"%s\"}".formatted(address, address))
                    .header("Link", "<" + plain + ">; rel=\"next\"")
                    .header("X-Next", plain));
            String name = "away-" + i;
            streams.add(Workshop.stream(name, """
                    path: %s
                    records: $.data
                    key: id
                    next: %s
                    """.formatted(path, ways[i % ways.length])));
            ids.add("acme-" + name);
        }
        for (int status : new int[] {301, 302, 303, 307, 308}) {
            api.on("/moved/" + status, asked -> Reply.status(status)
                    .header("Location", elsewhere.url() + "/x")
                    .header("Authorization", "Bearer stolen")
                    .json("{}"));
            streams.add(Workshop.stream("moved-" + status, "path: /moved/%d\nrecords: $.data\n".formatted(status)));
            ids.add("acme-moved-" + status);
        }
        try (LoadedRoutes routes = load("", streams)) {
            for (RunSummary each : routes.pull(ids.toArray(String[]::new))) {
                assertThat(each.status()).as(each.stream()).isEqualTo(RunStatus.FAILED);
                assertThat(each.error()).doesNotContain("s3cret-token", "password");
            }
        }
        assertThat(elsewhere.asked()).isEmpty();
        assertThat(otherPort.asked()).isEmpty();
        assertThat(api.asked("/x")).isEmpty();
        assertThat(workshop.rows("acme/away-0")).isEmpty();
    }

    @Test
    void sendsNoCredentialToAHostThatIsOnlyAllowedAndNothingOfAnAnswerAnywhere() throws Exception {
        api.on(
                "/pages",
                asked -> evil(Reply.ok("{\"data\":[{\"id\":1}],\"next\":\"%s/page\"}".formatted(elsewhere.url()))));
        elsewhere.on(
                "/page", asked -> evil(Reply.ok("{\"data\":[{\"id\":2}],\"next\":\"%s/back\"}".formatted(api.url()))));
        api.on("/back", asked -> evil(Reply.ok("{\"data\":[{\"id\":3}]}")));
        api.on(
                "/list",
                asked -> evil(Reply.ok("{\"data\":[{\"id\":4,\"at\":\"%s/detail\"},{\"id\":5,\"at\":\"%s/own\"}]}"
                        .formatted(elsewhere.url(), api.url()))));
        elsewhere.on("/detail", asked -> evil(Reply.ok("{\"id\":4}")));
        api.on("/own", asked -> evil(Reply.ok("{\"id\":5}")));
        String hosts = "        hosts: [\"%s\"]\n".formatted(elsewhere.url().substring("http://".length()));
        try (LoadedRoutes routes = load(hosts, List.of(Workshop.stream("pages", """
                        path: /pages
                        records: $.data
                        key: id
                        next: {from: next-url, value: $.next}
                        """), Workshop.stream("list", """
                        path: /list
                        records: $.data
                        key: id
                        detail: {url: "${record.at}"}
                        """)))) {
            for (RunSummary each : routes.pull("acme-pages", "acme-list")) {
                assertThat(each.status()).as(each.error()).isEqualTo(RunStatus.DONE);
            }
        }
        assertThat(workshop.ids("acme/pages")).containsExactly(1L, 2L, 3L);
        assertThat(workshop.ids("acme/list")).containsExactly(4L, 5L);
        assertThat(elsewhere.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked.headers())
                .doesNotContainKeys(SECRETS.toArray(String[]::new)));
        assertThat(api.asked()).hasSize(4).allSatisfy(asked -> assertThat(asked.headers())
                .containsEntry("Authorization", List.of("Bearer s3cret-token"))
                .doesNotContainKeys("X-evil", "Cookie", "Set-cookie", "Camelhttpuri"));
    }

    /** Headers that a careless client would send with its next request. */
    private static Reply evil(Reply reply) {
        return reply.header("Authorization", "Bearer stolen")
                .header("X-Evil", "1")
                .header("Set-Cookie", "session=1")
                .header("CamelHttpUri", "http://127.0.0.3/evil");
    }

    private LoadedRoutes load(String connection, List<String> streams) throws Exception {
        return LoadedRoutes.of(workshop, folder, Workshop.vendor(api.url(), connection + String.join("", streams)));
    }
}
