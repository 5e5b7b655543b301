package dev.caravan.sink;

/** Files below the folder of data. */
public final class FileSinkType extends SinkType {
    /** For the loader of services. */
    public FileSinkType() {
        super("files", FileSettings.class);
    }
}
