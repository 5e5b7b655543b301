package dev.caravan.definition;

import java.util.List;

/**
 * What one file of {@code routes/} says.
 *
 * @param file its name
 * @param streams good streams, once for each account
 * @param problems what cannot be used, a message each; the streams named in them are missing from {@code streams}
 * @param camel the file's text with everything of ours blanked out, line numbers kept; empty if nothing remains
 */
public record VendorFile(String file, List<StreamDefinition> streams, List<Problem> problems, String camel) {
    public VendorFile {
        streams = List.copyOf(streams);
        problems = List.copyOf(problems);
    }

    /**
     * @param stream id of the stream that is disabled by it, empty if the whole file is
     * @param message names file, line, value and remedy
     */
    public record Problem(String file, String stream, String message) {}
}
