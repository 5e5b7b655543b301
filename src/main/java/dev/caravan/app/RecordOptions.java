package dev.caravan.app;

import dev.caravan.commit.Origin;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What commands that ask an API share for keeping its answers. */
final class RecordOptions {
    @Option(
            names = "--record",
            paramLabel = "FOLDER",
            description = "Keep requests and answers there, secrets and personal data masked, for tests and for the"
                    + " sandbox (caravan.recordings)")
    private @Nullable Path folder;

    @Option(
            names = "--mask",
            paramLabel = "FIELD",
            description = "A field whose values --record replaces, at any depth, beside the usual personal ones;"
                    + " may be repeated")
    private List<String> fields = new ArrayList<>();

    /**
     * Returns {@code request} with a recording of what it asks, if one is wanted.
     *
     * @throws UsageException if the stream pulls from the sandbox
     */
    RunRequest applyTo(RunRequest request, LiveStream stream) {
        if (folder == null) {
            if (!fields.isEmpty()) {
                throw new UsageException("--mask is for --record");
            }
            return request;
        }
        if (stream.key().origin() == Origin.STUB) {
            throw new UsageException("--record: %s pulls from the sandbox, which has nothing of the vendor to record"
                    .formatted(stream.id()));
        }
        List<String> personal = new ArrayList<>(Masking.PERSONAL);
        personal.addAll(fields);
        return request.withRecording(new Recording(folder, stream.id(), stream.redaction(), new Masking(personal)));
    }
}
