package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.connection.DeadlineException;
import dev.caravan.testkit.RawApi;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DeadlineTest {
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final HttpTransport transport = new HttpTransport(4);
    private final RawApi api = RawApi.start()
            .on("/silent", RawApi.Talk::stall)
            .on("/head", talk -> talk.send("HTTP/1.1 200 OK\r\n").drip("X-More: 1\r\n", PAUSE))
            .on("/body", talk -> talk.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                    .drip(".", PAUSE))
            .on("/whole", talk -> talk.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nwhole"))
            .on("/none", talk -> talk.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));

    @AfterEach
    void close() {
        api.close();
        transport.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/silent", "/head", "/body"})
    void endsWhatTakesTooLongWhereverItIs(String path) throws IOException {
        try (CloseableHttpClient client = client(LIMIT)) {
            assertThatThrownBy(() -> get(client, path))
                    .isInstanceOf(DeadlineException.class)
                    .hasMessage("no whole answer within 500 ms");
        }
        await().until(() -> !api.talks(path).get(0).lasted().isNegative());
        assertThat(api.talks(path).get(0).lasted()).isBetween(LIMIT.minusMillis(50), LIMIT.multipliedBy(10));
    }

    @Test
    void leavesAnswersThatComeInTimeAlone() throws IOException {
        try (CloseableHttpClient client = client(Duration.ofMinutes(1))) {
            assertThat(get(client, "/whole")).isEqualTo("whole");
            assertThat(get(client, "/none")).isEmpty();
        }
    }

    @Test
    void closesTheConnectionOfABodyThatNobodyWantsInsteadOfDrainingIt() throws IOException {
        try (CloseableHttpClient client = client(Duration.ofMinutes(1));
                ClassicHttpResponse response = open(client, "/body")) {
            InputStream body = response.getEntity().getContent();
            assertThat(body.read()).isEqualTo('.');
            body.close();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !api.talks("/body").get(0).lasted().isNegative());
        }
    }

    private CloseableHttpClient client(Duration limit) {
        HttpClientBuilder builder = HttpClientBuilder.create();
        transport.within(limit).configureHttpClient(builder);
        return builder.build();
    }

    private String get(CloseableHttpClient client, String path) throws IOException {
        try (ClassicHttpResponse response = open(client, path)) {
            if (response.getEntity() == null) {
                return "";
            }
            try (InputStream body = response.getEntity().getContent()) {
                return new String(body.readAllBytes(), UTF_8);
            }
        }
    }

    private ClassicHttpResponse open(CloseableHttpClient client, String path) throws IOException {
        return client.executeOpen(null, new HttpGet(api.url() + path), null);
    }
}
