package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamKeyTest {
    @Test
    void keepsStubDataApart() {
        StreamKey real = new StreamKey("acme-shopify", "orders", Origin.REAL);
        StreamKey stub = new StreamKey("acme-shopify", "orders", Origin.STUB);

        assertThat(real.id()).isEqualTo("acme-shopify-orders");
        assertThat(real.folder(Path.of("data"))).isEqualTo(Path.of("data/acme-shopify/orders"));
        assertThat(stub.folder(Path.of("data"))).isEqualTo(Path.of("data/stub/acme-shopify/orders"));
        assertThat(real.rejects()).isEqualTo("errors/acme-shopify/orders");
        assertThat(stub.rejects()).isEqualTo("stub/errors/acme-shopify/orders");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../x", "A", "_a", "-a", "a b", "a.b", "ä", "a\n", "a\u0000"})
    void refusesNamesThatAreNoFolder(String name) {
        assertThatThrownBy(() -> new StreamKey(name, "orders", Origin.REAL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new StreamKey("acme", name, Origin.REAL)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"errors", "reports", "state", "stub"})
    void refusesReservedConnections(String name) {
        assertThatThrownBy(() -> new StreamKey(name, "orders", Origin.REAL)).hasMessageContaining("another use");
        assertThat(new StreamKey("acme", name, Origin.REAL).stream()).isEqualTo(name);
    }
}
