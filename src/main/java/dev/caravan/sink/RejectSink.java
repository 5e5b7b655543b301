package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes rejected records as plain lines of JSON with {@code reason}, {@code page} and {@code raw}, so that they can be
 * read as they are and replayed. Safe for any number of threads.
 */
public final class RejectSink {
    private static final JsonFactory JSON = JsonFactory.builder()
            .build()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    /**
     * Writes {@code rejects} to one file.
     *
     * @return that file, or nothing without rejects; its paths are relative to {@code data/}
     * @throws BatchWriteException if it could not be written; nothing stays staged then
     */
    public List<SealedFile> write(RejectDestination to, List<Reject> rejects) {
        if (rejects.isEmpty()) {
            return List.of();
        }
        String name = "%s-%06d.ndjson".formatted(to.run(), to.batch());
        Path file = to.staging().resolve("rejects." + name);
        try {
            Files.createDirectories(to.staging());
            return List.of(write(to, rejects, name, file));
        } catch (IOException | RuntimeException e) {
            throw BatchWriteException.of(to.data().resolve(to.folder()), name, e);
        }
    }

    private static SealedFile write(RejectDestination to, List<Reject> rejects, String name, Path file)
            throws IOException {
        String day = new Days(to.zone()).of(to.ingested());
        try (StagedFile writing = StagedFile.create(file, false)) {
            for (Reject reject : rejects) {
                write(reject, writing.out());
                writing.endRow(null);
            }
            return writing.seal("%s/date=%s/%s".formatted(to.folder(), day, name), to.data());
        }
    }

    private static void write(Reject reject, OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out, JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeStringField("reason", reject.reason());
            if (reject.page() == null) {
                json.writeNullField("page");
            } else {
                json.writeStringField("page", reject.page());
            }
            json.writeStringField("raw", reject.raw());
            json.writeEndObject();
        }
    }
}
