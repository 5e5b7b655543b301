package dev.caravan.sink;

/**
 * A kind of sink, found by its name. An implementation is listed in {@code META-INF/services/dev.caravan.sink.SinkType}.
 */
public interface SinkType {
    /** What {@code type} says for it, in lower case. */
    String name();

    /** The record that its settings are bound to, strictly: an unknown one is an error. */
    Class<? extends SinkSettings> settings();
}
