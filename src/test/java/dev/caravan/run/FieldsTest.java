package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Tables;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which fields of a record land, and how. */
class FieldsTest {
    private static final String ORDERS = """
            path: /orders
            records: $.data
            key: id
            fields: {drop: secret, mask: customer.name, hash: [customer.email], rename: {sum: amount}}
            """;

    private final Path folder;

    FieldsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"flat", "raw"})
    void landAsTheStreamSays(String shape) {
        String body =
                "{\"data\":[{\"id\":1,\"secret\":\"x\",\"sum\":1.10,\"customer\":{\"name\":\"Ann\",\"email\":\"a@b.c\"}}]}";
        try (Workshop workshop = new Workshop(folder, new MutableClock("2026-03-03T00:00:00Z"))) {
            LiveStream live = workshop.live(vendor(ORDERS + "shape: " + shape + "\n"));
            new ByHand(request -> answer(200, body)).pull(live);
        }

        JsonNode row = Landed.in(folder, "acme/orders").rows().get(0);
        assertThat(Tables.value(row, "amount").asText()).isEqualTo("1.10");
        assertThat(Tables.value(row, "customer").path("name").asText()).isEqualTo("***");
        assertThat(Tables.value(row, "customer").path("email").asText()).hasSize(64);
        assertThat(row.toString()).doesNotContain("secret", "Ann", "a@b.c");
    }

    @Test
    void mayNotTouchTheKey() {
        try (Workshop workshop = new Workshop(folder, new MutableClock("2026-03-03T00:00:00Z"))) {
            assertThatThrownBy(() -> workshop.read(vendor(ORDERS.replace("drop: secret", "drop: id"))))
                    .hasMessageContaining("acme.camel.yaml:")
                    .hasMessageContaining("fields: 'id' is needed as it comes, it is the stream's key");
        }
    }

    private static String vendor(String stream) {
        return Workshop.vendor("https://api.acme.example/v1", Workshop.stream("orders", stream));
    }
}
