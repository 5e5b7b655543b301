package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes rejected records as plain lines of JSON with {@code reason}, {@code page} and {@code raw}, and what more a
 * {@link Reject} needs to be replayed, so that they can be read as they are. Safe for any number of threads.
 */
public final class RejectSink {
    private static final ObjectWriter JSON = JsonMapper.builder()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build()
            .writerFor(Reject.class);

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
        try (StagedFile writing = StagedFile.create(file, Compression.NONE)) {
            for (Reject reject : rejects) {
                JSON.writeValue(writing.out(), reject);
                writing.endRow(null);
            }
            return writing.seal("%s/date=%s/%s".formatted(to.folder(), day, name), to.data());
        }
    }
}
