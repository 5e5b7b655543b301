package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The sink that the docs show, which is found by its name and knows nothing but what is public, keeps the contract. */
class ShelfSinkContractTest extends SinkContract {
    private static final Path EXAMPLE = Path.of("src/test/java/com/acme/ShelfSinkType.java");
    private static final Path DOCS = Path.of("src/docs/sinks.md");

    @Override
    protected String sink(Path data) {
        return "{type: shelf, place: \"%s\"}".formatted(data.resolve("shelf"));
    }

    @Override
    protected int stride() {
        return 19;
    }

    @Override
    protected List<JsonNode> rows(Path data) {
        return FileSinkContractTest.visible(data.resolve("shelf/acme-orders"));
    }

    @Test
    void isTheOneInTheDocs() throws IOException {
        assertThat(Files.readString(DOCS)).contains("```java\n" + Files.readString(EXAMPLE) + "```\n");
    }
}
