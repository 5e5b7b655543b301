package dev.caravan.sink;

/**
 * A kind of sink, found by its name. A subclass with a public constructor without parameters is listed in {@code
 * META-INF/services/dev.caravan.sink.SinkType}.
 */
public abstract class SinkType {
    private final String name;
    private final Class<? extends SinkSettings> settings;

    /**
     * Called by the subclass.
     *
     * @param name what {@code type} says for it, in lower case; also the {@code name} of its settings where they do not say one
     * @param settings the record that its settings are bound to, strictly: an unknown one is an error
     */
    protected SinkType(String name, Class<? extends SinkSettings> settings) {
        this.name = name;
        this.settings = settings;
    }

    final String name() {
        return name;
    }

    final Class<? extends SinkSettings> settings() {
        return settings;
    }
}
