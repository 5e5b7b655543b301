package dev.caravan.run;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.sink.LandedRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of sinks, kept by files of every format. */
class FileSinkContractTest {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    @Nested
    class Lines extends OfFolders {
        Lines() {
            super("files", 5);
        }
    }

    @Nested
    class LinesInZstd extends OfFolders {
        LinesInZstd() {
            super("{compression: zstd}", 23);
        }
    }

    @Nested
    class Csv extends OfFolders {
        Csv() {
            super("{format: csv, compression: none}", 23);
        }
    }

    @Nested
    class Parquet extends OfFolders {
        Parquet() {
            super("parquet", 13);
        }
    }

    @Nested
    class ByAField extends OfFolders {
        ByAField() {
            super("{partition-by: status}", 19);
        }
    }

    abstract static class OfFolders extends SinkContract {
        private final String sink;
        private final int stride;

        OfFolders(String sink, int stride) {
            this.sink = sink;
            this.stride = stride;
        }

        @Override
        protected String sink(Path data) {
            return sink;
        }

        @Override
        protected int stride() {
            return stride;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            return visible(data.resolve("acme/orders"));
        }
    }

    /** Reads what is in a folder, as readers do that know nothing of commits. */
    static List<JsonNode> visible(Path folder) {
        List<JsonNode> rows = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return rows;
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(each -> isData(folder.relativize(each)))
                    .toList()) {
                LandedRows.read(file, 1 << 20, row -> rows.add(tree(row)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static boolean isData(Path path) {
        for (Path name : path) {
            if (name.toString().startsWith("_") || name.toString().startsWith(".")) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode tree(byte[] row) {
        try {
            return JSON.readTree(row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
