package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.Records;
import dev.caravan.testkit.ShippedStreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All streams of all vendors at once, as a server runs them, killed in the middle and started again: every record is there once, none
 * is starved, the vendors' limits are kept to, as the vendors count them, and memory is bounded.
 */
class VendorsIT {
    private static final int ROWS = 120;
    /** 512 MB, less what the second compiler takes for a moment, whenever it likes: it is left out here. */
    private static final long MOST = 400L << 20;

    private static final Path ROUTES = Path.of("routes");

    /** Streams that must have committed something before the kill, of all of them. */
    private static final int UNDER_WAY = 12;

    /** Streams whose run must have ended before the kill. */
    private static final int OVER = 3;

    /** It knows nothing of what was before its first run. */
    private static final String BEGINS_NOW = "gmail-history";

    /** A job that was submitted to the sandbox before the kill is answered by the next one with every field. */
    private static final String JOB_OF_BOTH = "shopify-orders-bulk";

    /** What that job wants of orders and of their lines. */
    private static final Set<String> JOB_WANTS =
            Set.of("id", "name", "updatedAt", "title", "sku", "quantity", "__parentId");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What vendors refuse though nobody does anything wrong: a message that was deleted since it was listed. */
    private static final Set<String> EXPECTED = Set.of("gmail.googleapis.com not_found");

    @TempDir
    private Path folder;

    @Test
    void allAtOnceKilledInTheMiddleKeepToTheLimitsAndEachHasItsTurn() throws IOException {
        int port = freePort();
        CaravanHome home = CaravanHome.in(folder)
                .with("caravan.routes=" + ROUTES.toAbsolutePath())
                .with("caravan.sandbox=all")
                .with("caravan.sandbox-rows=" + ROWS)
                .with("caravan.sandbox-limits=true")
                .with("caravan.sandbox-port=" + port)
                .with("facebook-marketing.report-poll=100ms")
                .with("shopify.bulk-poll=100ms")
                .with("server.port=0")
                .withJava("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m");
        Map<String, StreamDefinition> shipped = ShippedStreams.all();
        Set<String> streams = shipped.keySet();
        Killed before = kill(home, streams);
        long began = System.nanoTime();
        try (CaravanProcess process = home.start()) {
            Map<String, JsonNode> ended = new TreeMap<>();
            wait(process).untilAsserted(() -> {
                ended.putAll(reports(home));
                Set<String> missing = new TreeSet<>(streams);
                missing.removeAll(ended.keySet());
                assertThat(missing).as("streams without a report").isEmpty();
            });
            JsonNode asked = requests(port);
            long peak = Math.max(before.peak(), process.peakMemory());
            System.out.printf(
                    "VendorsIT: %d streams, %d of them done before the kill, %d MB of memory at most, %.1f s%n",
                    streams.size(), before.done(), peak >> 20, (System.nanoTime() - began) / 1e9);

            streams.forEach(
                    stream -> assertThat(ended.get(stream).path("status").asText())
                            .as("%s: %s", stream, ended.get(stream).path("error"))
                            .isEqualTo("done"));
            Map<String, JsonNode> refused = new TreeMap<>();
            asked.path("refused").properties().forEach(each -> refused.put(each.getKey(), each.getValue()));
            refused.keySet().removeAll(EXPECTED);
            assertThat(refused).as("what vendors refused").isEmpty();
            assertThat(asked.path("counts").size()).isGreaterThanOrEqualTo(streams.size() / 2);
            assertThat(peak).as("memory of the whole process").isLessThanOrEqualTo(MOST);
            URI sandbox = URI.create("http://127.0.0.1:" + port);
            shipped.forEach((id, stream) -> assertEveryRecordOnce(home, stream, sandbox));
            process.terminate();
            process.await(CaravanHome.LIMIT);
        }
    }

    /** What was when the process was killed: streams that had ended a run, and bytes of memory at most. */
    private record Killed(int done, long peak) {}

    /** Kills the process when some streams have committed, others not. */
    private static Killed kill(CaravanHome home, Set<String> streams) {
        try (CaravanProcess process = home.start()) {
            wait(process).untilAsserted(() -> {
                List<String> committed = streams.stream()
                        .filter(id -> home.landed(folder(id)).commitNumber() > 1)
                        .toList();
                assertThat(committed).as("streams that have committed").hasSizeGreaterThanOrEqualTo(UNDER_WAY);
                assertThat(reports(home)).as("runs that have ended").hasSizeGreaterThanOrEqualTo(OVER);
            });
            long peak = process.peakMemory();
            process.kill();
            process.await(CaravanHome.LIMIT);
            int done = reports(home).size();
            assertThat(done).as("done before the kill").isLessThan(streams.size());
            return new Killed(done, peak);
        }
    }

    /** Waits no longer than the process lives, and tells what is missing. */
    private static ConditionFactory wait(CaravanProcess process) {
        return Awaitility.await()
                .atMost(CaravanHome.LIMIT)
                .pollInterval(50, TimeUnit.MILLISECONDS)
                .failFast(() -> assertThat(process.isAlive()).as(process::all).isTrue());
    }

    private static String folder(String stream) {
        return "stub/" + ShippedStreams.vendor(stream) + "/"
                + stream.substring(ShippedStreams.vendor(stream).length() + 1);
    }

    private static void assertEveryRecordOnce(CaravanHome home, StreamDefinition stream, URI sandbox) {
        String id = stream.id();
        if (id.equals(BEGINS_NOW)) {
            return;
        }
        String vendor = ShippedStreams.vendor(id);
        String table = id.substring(vendor.length() + 1).replace('-', '_');
        Set<String> added = new TreeSet<>(stream.stream().addFields().keySet());
        added.add("_caravan_origin");
        List<JsonNode> rows = home.landed(folder(id)).rows();
        Records landed = ShippedStreams.comparable(vendor, Records.landed(rows, added));
        Records kept = ShippedStreams.comparable(
                vendor, Records.of(Records.control(sandbox, ShippedStreams.host(stream), "GET rows?stream=%s", table)));
        try {
            Records.landed(rows, Set.of()).assertNoneTwice();
            // The sandbox began anew, too: it may not know of repositories that nobody asked for again.
            if (id.equals(JOB_OF_BOTH)) {
                landed.only(JOB_WANTS).assertHasAllOf(kept.only(JOB_WANTS));
            } else {
                landed.assertHasAllOf(kept.like(landed));
            }
        } catch (AssertionError e) {
            throw new AssertionError(id + ": " + e.getMessage(), e);
        }
    }

    /** What is told of the streams that have ended a run. */
    private static Map<String, JsonNode> reports(CaravanHome home) {
        Map<String, JsonNode> reports = new TreeMap<>();
        Path all = home.data().resolve("stub/reports");
        if (!Files.isDirectory(all)) {
            return reports;
        }
        try (var files = Files.list(all)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".json")).toList()) {
                JsonNode report = JSON.readTree(Files.readString(file));
                reports.put(report.path("stream").asText(), report);
            }
            return reports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode requests(int port) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/_control/requests"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return JSON.readTree(HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }
}
