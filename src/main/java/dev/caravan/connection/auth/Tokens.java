package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a token endpoint gave. Its text shows no token.
 *
 * @param access what goes on requests; null if only a refresh token is known
 * @param expires when it ends, null if nobody said
 * @param refresh what the next one is asked with, null if there is none
 * @param obtained when it came
 * @param origin tells of which settings it came, so that it is not used for others
 */
record Tokens(
        @Nullable String access,
        @Nullable Instant expires,
        @Nullable String refresh,
        Instant obtained,
        String origin) {
    boolean lives(Instant now) {
        return access != null && (expires == null || now.isBefore(expires));
    }

    /** Whether it is time for another one. Of a token that lives shorter than twice that, its second half counts. */
    boolean isDue(Instant now, Duration renewBefore) {
        if (access == null) {
            return true;
        }
        if (expires == null) {
            return false;
        }
        Duration half = Duration.between(obtained, expires).dividedBy(2);
        return !now.isBefore(expires.minus(half.compareTo(renewBefore) < 0 ? half : renewBefore));
    }

    String written() {
        ObjectNode node = StrictJson.mapper().createObjectNode();
        node.put("access", access);
        node.put("expires", expires == null ? null : expires.toString());
        node.put("refresh", refresh);
        node.put("obtained", obtained.toString());
        node.put("origin", origin);
        try {
            return StrictJson.mapper().writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts can be written", e);
        }
    }

    /** Returns what {@link #written} wrote; empty for what it did not write, which is then obtained anew. */
    static Optional<Tokens> read(String text) {
        try {
            JsonNode node = StrictJson.mapper().readTree(text.getBytes(StandardCharsets.UTF_8));
            String expires = node.path("expires").textValue();
            return Optional.of(new Tokens(
                    node.path("access").textValue(),
                    expires == null ? null : Instant.parse(expires),
                    node.path("refresh").textValue(),
                    Instant.parse(node.path("obtained").asText()),
                    node.path("origin").asText()));
        } catch (IOException | DateTimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "Tokens[obtained=%s, expires=%s]".formatted(obtained, expires);
    }
}
