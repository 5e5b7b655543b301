package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A host that answers as it once did: its folder holds a recording for every request it knows, and everything else is a 404
 * that names the nearest one. Whatever credential is sent is as good as another. Immutable.
 */
final class RecordedApi implements Imitation {
    /** What the sandbox gives a connection in place of its secrets. */
    static final String CREDENTIAL = "credential-for-recordings";

    private final List<Recorded> recordings;
    private final VendorFile file;

    private RecordedApi(String host, List<Recorded> recordings) {
        this.recordings = List.copyOf(recordings);
        this.file = VendorFile.of(JsonNodeFactory.instance
                .objectNode()
                .put("credential", CREDENTIAL)
                .set("hosts", JsonNodeFactory.instance.arrayNode().add(host)));
    }

    /**
     * Reads the recordings below a folder, one folder for each host; none if there is no such folder.
     *
     * @throws IllegalArgumentException naming the file that is none
     */
    static Map<String, Imitation> read(Path folder) {
        Map<String, Imitation> byHost = new HashMap<>();
        if (!Files.isDirectory(folder)) {
            return byHost;
        }
        for (Path host : entries(folder)) {
            if (Files.isDirectory(host)) {
                String name = host.getFileName().toString().toLowerCase(Locale.ROOT);
                byHost.put(name, new RecordedApi(name, recordings(host)));
            }
        }
        return byHost;
    }

    private static List<Recorded> recordings(Path folder) {
        List<Recorded> all = new ArrayList<>();
        for (Path file : entries(folder)) {
            if (file.toString().endsWith(".json")) {
                try {
                    all.add(Recorded.read(Files.readAllBytes(file)));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "%s is no recording: %s. Record it anew, or delete it.".formatted(file, e.getMessage()), e);
                } catch (IOException e) {
                    throw new UncheckedIOException(file + " cannot be read", e);
                }
            }
        }
        return all;
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }

    @Override
    public Answer accepted(Ask ask) {
        for (Recorded each : recordings) {
            if (each.answers(ask)) {
                return each.answerFrom(ask.origin());
            }
        }
        return Reception.mistake(404, unknown(ask));
    }

    private IllegalArgumentException unknown(Ask ask) {
        String query = ask.query().redacted().encoded();
        Optional<Recorded> nearest = recordings.stream().min(Comparator.comparingInt(each -> each.distance(ask)));
        return new IllegalArgumentException("Not recorded: %s %s%s%s; the nearest recording is of %s"
                .formatted(
                        ask.method(),
                        ask.path(),
                        query.isEmpty() ? "" : "?" + query,
                        ask.body().isEmpty() ? "" : " " + ask.body(),
                        nearest.map(Recorded::toString).orElse("nothing")));
    }

    @Override
    public String stream(String path) {
        return "";
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        // Nothing about it changes.
    }
}
