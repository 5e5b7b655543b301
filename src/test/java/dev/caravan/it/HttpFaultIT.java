package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.Certificates;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.RawApi;
import dev.caravan.testkit.RawApi.Talk;
import dev.caravan.testkit.Summaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers that are late, cut, damaged, packed with malice or no answers at all, each on a connection of its own, all asked
 * by one process that repeats a request once. Where two pages are served, the second goes wrong.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpFaultIT {
    private static final Duration IDLE = Duration.ofSeconds(3);
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** Every slice begins here; error messages say so. */
    private static final String SLICE = "-items 2026-01-01T00:00:00Z";

    private final FakeApi api = FakeApi.start();
    private final RawApi wire = RawApi.start();
    private final List<FakeApi> secure = new ArrayList<>();
    private CaravanHome home;
    private Summaries summaries;

    @BeforeAll
    void pullAll(@TempDir Path folder) throws Exception {
        Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("keys")));
        List<String> java = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
        java.addAll(certificates.trust());
        home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .withJava(java.toArray(String[]::new))
                .with("caravan.retries=1")
                .with("caravan.retry-delay=100")
                .with("caravan.max-page=1MB");

        // Below HTTP, always and once.
        always("silent", Talk::stall);
        always("dripping", talk -> head(talk, 10_000).drip(".", PAUSE));
        always("endless-head", talk -> talk.send("HTTP/1.1 200 OK\r\n").drip("X-More: yes\r\n", PAUSE));
        always("endless-line", HttpFaultIT::endlessLine);
        always("stalled", talk -> head(talk, 1_000).send("{\"data\":[").stall());
        always("reset", talk -> head(talk, 1_000).send("{\"data\":[").reset());
        once("reset-once", talk -> head(talk, 1_000).send("{\"data\":[").reset());
        once("stalled-once", talk -> head(talk, 1_000).send("{\"data\":[").stall());
        once("short-once", talk -> head(talk, second().length + 50).send(second()));
        once("chunk-once", talk -> talk.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .send("%x\r\n".formatted(second().length))
                .send(second())
                .send("\r\n"));
        once("no-answer-once", talk -> {});
        once("garbage-once", talk -> talk.send("SSH-2.0-OpenSSH_9.6\r\n"));
        route("nobody", RawApi.nobody());

        // Encodings.
        pages("packed", asked -> page(asked).gzip());
        pages("packed-silently", asked -> page(asked).packed());
        pages("packed-by-name", asked -> page(asked).header("Content-Encoding", "gzip"));
        wrongOnce("gzip-cut", asked -> changed(Reply.ok(""), packed -> Arrays.copyOf(packed, packed.length - 5)));
        wrongOnce(
                "gzip-checksum",
                asked -> changed(Reply.ok(""), packed -> {
                    packed[packed.length - 8] ^= 1;
                    return packed;
                }));
        wrongOnce("gzip-tail", asked -> changed(Reply.ok(""), packed -> Arrays.copyOf(packed, packed.length + 3)));
        wrongOnce("brotli", asked -> page(asked).header("Content-Encoding", "br"));
        Reply size = Reply.ok(blanks(2 << 20, "x")).gzip();
        wrong("bomb-size", asked -> size);
        Reply ratio = Reply.status(200).bytes(new byte[64 << 20]).gzip();
        wrong("bomb-ratio", asked -> ratio);
        wrong("bomb-nested", asked -> page(asked).packed().gzip());
        wrong("too-large", asked -> Reply.ok(blanks(2 << 20, "y")));

        // What calls itself a success, and what asks for time.
        wrongOnce("empty", asked -> Reply.status(200));
        wrongOnce("part", asked -> Reply.status(206).json("{\"data\":[],\"next\":null}"));
        wrongOnce("not-ready", asked -> Reply.status(202).json("{}"));
        wrongOnce("unchanged", asked -> Reply.status(304));
        wrong("error", asked -> Reply.ok("{\"error\":{\"message\":\"no scope\"}}"));
        wrong("error-beside", asked -> Reply.ok("{\"data\":[],\"next\":null,\"error\":\"no scope\"}"));
        pages("no-content", asked -> asked.query().containsKey("page") ? Reply.status(204) : page(asked));
        wrong("day", asked -> Reply.status(429).header("Retry-After", "86400").json("{}"));
        for (String each : List.of("soon", "-1", "1e9", "")) {
            wrongOnce(
                    "garbage" + each.length(),
                    asked -> Reply.status(429).header("Retry-After", each).json("{}"));
        }

        // Pages that never end.
        pages("same", asked -> Reply.page(AcmeRoutes.records(1, 3), "p" + asked.before()));
        pages("empty-between", asked -> switch (asked.query("page")) {
            case "" -> Reply.page(AcmeRoutes.records(1, 10), "2");
            case "2" -> Reply.page(List.of(), "3");
            case "3" -> Reply.page(List.of(), "4");
            default -> Reply.page(AcmeRoutes.records(11, 20), "");
        });

        tls("tls-good", certificates.good());
        tls("tls-expired", certificates.expired());
        tls("tls-foreign", certificates.foreign());
        tls("tls-self-signed", certificates.selfSigned());

        Ended ended = home.run("pull", "--all", "--json").expect(1);
        summaries = Summaries.of(ended);
    }

    @AfterAll
    void close() {
        api.close();
        wire.close();
        secure.forEach(FakeApi::close);
    }

    @ParameterizedTest
    @CsvSource({
        "silent, 3, Read timed out, raise 'timeout'",
        "stalled, 3, Read timed out, raise 'timeout'",
        "dripping, 5, no whole answer within 5 s, raise 'deadline'",
        "endless-head, 5, no whole answer within 5 s, raise 'deadline'"
    })
    void endsWhatTakesTooLongWithinATenthOfItsTime(String name, int seconds, String what, String remedy) {
        assertFailed(name, what, remedy);
        List<Talk> talks = wire.talks("/" + name);
        assertThat(talks).hasSize(2);
        // The first is asked while the process starts, and may be late for that alone.
        assertThat(talks.get(0).lasted()).isGreaterThan(Duration.ofMillis(900L * seconds));
        assertThat(talks.get(1).lasted())
                .isBetween(Duration.ofMillis(900L * seconds), Duration.ofMillis(1100L * seconds));
    }

    @ParameterizedTest
    @CsvSource({
        "reset, Connection reset, the connection broke off",
        "endless-line, Maximum line length, the connection broke off"
    })
    void repeatsABrokenAnswerAndFailsThen(String name, String what, String remedy) {
        assertFailed(name, what, remedy);
        assertThat(wire.talks("/" + name)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"nobody, refused, nothing answers there"})
    void saysWhatToDoWhereNobodyAnswers(String name, String what, String remedy) {
        assertFailed(name, what, remedy);
        assertThat(summaries.of(name + "-items").path("requests").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset-once", "stalled-once", "short-once", "chunk-once", "no-answer-once", "garbage-once"})
    void takesNothingOfAnAnswerThatBreaksOffAndAsksAgain(String name) {
        assertWhole(name);
        List<Talk> talks = wire.talks("/" + name);
        assertThat(talks).hasSize(3);
        assertThat(talks.get(2).uri()).isEqualTo(talks.get(1).uri());
    }

    @ParameterizedTest
    @ValueSource(strings = {"packed", "packed-silently", "packed-by-name"})
    void goesByTheBytesWhateverTheHeaderSays(String name) {
        assertWhole(name);
        assertThat(api.asked("/" + name)).hasSize(2).allSatisfy(asked -> assertThat(
                        asked.headers().getFirst("Accept-Encoding"))
                .isEqualTo("gzip"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip-cut",
                "gzip-checksum",
                "gzip-tail",
                "brotli",
                "empty",
                "part",
                "not-ready",
                "unchanged",
                "garbage4",
                "garbage2",
                "garbage3",
                "garbage0"
            })
    void asksAgainForWhatIsNoWholeData(String name) {
        assertWhole(name);
        assertThat(api.asked("/" + name)).hasSize(3);
        assertThat(summaries.of(name + "-items").path("retries").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "bomb-size, larger than 1,048,576 bytes when inflated, raise caravan.max-page",
        "bomb-ratio, larger than 1,048,576 bytes when inflated, raise caravan.max-page",
        "bomb-nested, gzip within gzip, is a proxy packing again",
        "too-large, larger than 1,048,576 bytes, ask for smaller pages",
        "error, no scope, nothing at $.data",
        "error-beside, no scope, say in 'outcomes' what it means"
    })
    void refusesAtOnceWhatNoRepetitionMakesBetter(String name, String what, String remedy) {
        assertFailed(name, what, remedy);
        assertThat(api.asked("/" + name)).hasSize(2);
    }

    @Test
    void takesNoContentForTheEnd() {
        assertThat(summaries.status("no-content-items")).isEqualTo("done");
        home.landed("no-content/items").assertExactlyOnce(AcmeRoutes.ids(1, 10), "id");
    }

    @Test
    void pausesAtOnceWhereItIsToWaitForADay() {
        JsonNode summary = summaries.of("day-items");
        assertThat(summary.path("status").asText()).isEqualTo("paused");
        assertThat(summary.path("error").asText()).contains("waiting for HTTP 429", "until 20");
        assertThat(api.asked("/day")).hasSize(2);
        // What came before the wait is safe, and the next run goes on behind it.
        home.landed("day/items").assertExactlyOnce(AcmeRoutes.ids(1, 10), "id");
    }

    @Test
    void noticesAnApiThatSendsTheSamePageWhateverItIsAskedFor() {
        assertFailed("same", "the very records of an earlier one", "check in 'next'");
        assertThat(api.asked("/same")).hasSize(2);
    }

    @Test
    void goesOnBehindEmptyPagesThatNameANext() {
        assertWhole("empty-between");
        assertThat(api.asked("/empty-between")).hasSize(4);
    }

    @Test
    void pullsFromAServerWhoseCertificateIsGood() {
        assertWhole("tls-good");
    }

    @ParameterizedTest
    @CsvSource({
        "tls-expired, must renew it",
        "tls-foreign, for another host",
        "tls-self-signed, -Djavax.net.ssl.trustStore"
    })
    void refusesOtherCertificatesAtOnce(String name, String remedy) {
        assertFailed(name, "https://127.0.0.1", remedy);
        assertThat(summaries.of(name + "-items").path("requests").asInt()).isEqualTo(1);
        assertThat(secure)
                .allSatisfy(server -> assertThat(server.asked("/" + name)).isEmpty());
    }

    private void assertFailed(String name, String... said) {
        JsonNode summary = summaries.of(name + "-items");
        assertThat(summary.path("status").asText()).isEqualTo("failed");
        assertThat(summary.path("error").asText())
                .contains(name + SLICE, "GET ", "/" + name)
                .contains(said);
        assertThat(summary.path("rows").asInt()).isZero();
        assertThat(summary.path("checkpoint").isNull()).isTrue();
        assertThat(home.landed(name + "/items").rows()).isEmpty();
    }

    private void assertWhole(String name) {
        JsonNode summary = summaries.of(name + "-items");
        assertThat(summary.path("status").asText()).as("%s", summary).isEqualTo("done");
        assertThat(summary.path("duplicates").asInt()).isZero();
        home.landed(name + "/items").assertExactlyOnce(AcmeRoutes.ids(1, 20), "id");
    }

    private void route(String name, String url) {
        String limits = "timeout: %ds\n        deadline: %ds".formatted(IDLE.toSeconds(), DEADLINE.toSeconds());
        home.withRoute(
                name,
                AcmeRoutes.tokens(name, url).replace("auth: {type: bearer", limits + "\n        auth: {type: bearer"));
    }

    private void pages(String name, Function<Asked, Reply> script) {
        api.on("/" + name, script);
        route(name, api.url());
    }

    private void wrong(String name, Function<Asked, Reply> second) {
        pages(name, asked -> asked.query().containsKey("page") ? second.apply(asked) : page(asked));
    }

    private void wrongOnce(String name, Function<Asked, Reply> second) {
        pages(name, asked -> asked.before() == 1 ? second.apply(asked) : page(asked));
    }

    private void always(String name, RawApi.Script script) {
        wire.on("/" + name, script);
        route(name, wire.url());
    }

    private void once(String name, RawApi.Script second) {
        always(name, talk -> {
            if (talk.before() == 1) {
                second.answer(talk);
            } else {
                byte[] page = talk.query("page").isEmpty() ? first() : second();
                head(talk, page.length).send(page);
            }
        });
    }

    private void tls(String name, SSLContext context) {
        FakeApi server = FakeApi.start(context).on("/" + name, HttpFaultIT::page);
        secure.add(server);
        route(name, server.url());
    }

    private static void endlessLine(Talk talk) throws java.io.IOException {
        talk.send("HTTP/1.1 200 OK\r\nX-Endless: ");
        byte[] more = "x".repeat(64 * 1024).getBytes(ISO_8859_1);
        while (true) {
            talk.send(more); // until the other side has gone
        }
    }

    private static Talk head(Talk talk, int length) throws java.io.IOException {
        return talk.send(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                        .formatted(length));
    }

    private static byte[] first() {
        return Reply.page(AcmeRoutes.records(1, 10), "p2").body();
    }

    private static byte[] second() {
        return Reply.page(AcmeRoutes.records(11, 20), "").body();
    }

    private static Reply page(Asked asked) {
        return Reply.status(200).bytes(asked.query().containsKey("page") ? second() : first());
    }

    private static Reply changed(Reply reply, Function<byte[], byte[]> change) {
        return reply.header("Content-Encoding", "gzip")
                .bytes(change.apply(Reply.ok("").bytes(second()).packed().body()));
    }

    private static String blanks(int length, String end) {
        return "{\"data\":[\"%s%s\"]}".formatted(" ".repeat(length), end);
    }
}
