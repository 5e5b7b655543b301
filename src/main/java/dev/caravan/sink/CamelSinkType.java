package dev.caravan.sink;

/** Any endpoint that Camel can send to, at least once. */
public final class CamelSinkType extends SinkType {
    /** For the loader of services. */
    public CamelSinkType() {
        super("camel", CamelSettings.class);
    }
}
