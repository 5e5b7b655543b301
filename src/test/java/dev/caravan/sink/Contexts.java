package dev.caravan.sink;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.NoOutlet;
import dev.caravan.testkit.NoWaiting;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a sink of the tests is opened with. */
final class Contexts {
    private Contexts() {}

    /** Returns that of {@code acme-orders}, whose data and files are in a folder. */
    static SinkContext orders(Path folder, @Nullable JsonNode schema) {
        return stream("orders", folder, schema, SinkContext.Keeps.ALL);
    }

    static SinkContext stream(String name, Path folder, @Nullable JsonNode schema, SinkContext.Keeps keeps) {
        return new SinkContext(
                "acme", name, false, folder, folder, new NoOutlet(), schema, keeps, null, new NoWaiting());
    }
}
