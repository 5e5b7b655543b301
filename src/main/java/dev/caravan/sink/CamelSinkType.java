package dev.caravan.sink;

/** Any endpoint that Camel can send to, at least once. */
public final class CamelSinkType implements SinkType {
    @Override
    public String name() {
        return "camel";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return CamelSettings.class;
    }
}
