package dev.caravan.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;

/**
 * How state is written as JSON: times as ISO 8601, fields in a stable order. Fields that are not known are skipped, so
 * that an older Caravan reads what a newer one wrote; anything else that is odd is refused.
 */
final class StateJson {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private StateJson() {}

    static String write(Object state) {
        try {
            return MAPPER.writeValueAsString(state);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("State is made of records that Jackson can write", e);
        }
    }

    static Progress progress(String json) {
        return read(json, Progress.class);
    }

    static PartitionProgress partition(String json) {
        return read(json, PartitionProgress.class);
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new StateStoreException(
                    "The progress in the state database cannot be read. Stop Caravan, move the database aside and start"
                            + " it again: it is rebuilt from the commits.",
                    e);
        }
    }
}
