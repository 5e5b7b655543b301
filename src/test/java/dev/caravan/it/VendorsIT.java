package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All streams of all vendors at once, as a server runs them: none is starved, the vendors' limits are kept to, as the vendors count
 * them, and memory is bounded.
 */
class VendorsIT {
    private static final int ROWS = 120;
    private static final long MOST = 512L << 20;
    private static final Path ROUTES = Path.of("routes");
    private static final Pattern STREAM = Pattern.compile("routeTemplateRef: stream\\R\\s+routeId: (\\S+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What vendors refuse though nobody does anything wrong: a message that was deleted since it was listed. */
    private static final Set<String> EXPECTED = Set.of("gmail.googleapis.com not_found");

    @TempDir
    private Path folder;

    @Test
    void allAtOnceKeepToTheLimitsAndEachHasItsTurn() throws IOException {
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
                .withJava("-XX:+UseSerialGC", "-Xmx192m");
        Set<String> streams = streams();
        long began = System.nanoTime();
        try (CaravanProcess process = home.start()) {
            Map<String, JsonNode> ended = new TreeMap<>();
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT.multipliedBy(2))
                    .pollInterval(200, TimeUnit.MILLISECONDS)
                    .until(() -> {
                        assertThat(process.isAlive()).as(process::all).isTrue();
                        ended.putAll(reports(home));
                        return ended.keySet().containsAll(streams);
                    });
            JsonNode asked = requests(port);
            long peak = process.peakMemory();
            System.out.printf(
                    "VendorsIT: %d streams, %d MB of memory at most, %.1f s%n",
                    streams.size(), peak >> 20, (System.nanoTime() - began) / 1e9);

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
            process.terminate();
            process.await(CaravanHome.LIMIT);
        }
    }

    private static Set<String> streams() throws IOException {
        Set<String> streams = new TreeSet<>();
        try (var files = Files.list(ROUTES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher found = STREAM.matcher(Files.readString(file));
                while (found.find()) {
                    streams.add(found.group(1));
                }
            }
        }
        assertThat(streams).contains("stripe-charges");
        return streams;
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
