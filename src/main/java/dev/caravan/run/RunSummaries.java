package dev.caravan.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.caravan.commit.RunEntry;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Run summaries as JSON. */
public final class RunSummaries {
    private static final Logger LOG = LoggerFactory.getLogger(RunSummaries.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private RunSummaries() {}

    public static String write(RunSummary summary) {
        try {
            return JSON.writeValueAsString(summary);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A run summary is always JSON", e);
        }
    }

    /** Returns the summary of a run in the history, or nothing for one that left none or a damaged one. */
    static Stream<RunSummary> read(RunEntry entry) {
        String json = entry.summary();
        if (json == null) {
            return Stream.empty();
        }
        try {
            return Stream.of(JSON.readValue(json, RunSummary.class));
        } catch (JsonProcessingException e) {
            // History only: what a run was is not worth a stream that cannot start.
            LOG.warn(
                    "The summary of run {} of {} cannot be read any more: {}",
                    entry.run(),
                    entry.stream().id(),
                    e.getOriginalMessage());
            return Stream.empty();
        }
    }
}
