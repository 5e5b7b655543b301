package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a planned slice has come.
 *
 * @param window what it covers, null for a whole partition
 * @param done whether every page of it is committed
 * @param resume position of the first page that is not committed, null for the first page of all; opaque here
 * @param greatest greatest cursor committed, null if none
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record SliceProgress(
        @Nullable Window window,
        boolean done,
        @Nullable String resume,
        @Nullable Instant greatest) {
    /** Whether there is anything to remember of it. */
    @JsonIgnore
    boolean isTouched() {
        return done || resume != null || greatest != null;
    }
}
