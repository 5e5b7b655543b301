package dev.caravan.sink;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What a sink may know of the stream whose records it takes.
 *
 * @param stream id of the stream
 * @param schema JSON Schema of its records, null without one
 */
public record SinkContext(String stream, @Nullable JsonNode schema) {}
