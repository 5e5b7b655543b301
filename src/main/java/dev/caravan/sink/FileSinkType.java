package dev.caravan.sink;

/** Files below the folder of data. */
public final class FileSinkType implements SinkType {
    @Override
    public String name() {
        return "files";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return FileSettings.class;
    }
}
