package dev.caravan.camel;

/** Names that routes, templates and beans share. */
final class Names {
    /** Exchange property: the {@link dev.caravan.run.Run} that this exchange carries out. */
    static final String RUN = "run";
    /** Exchange property: the {@link dev.caravan.run.SlicePull} that this exchange carries out. */
    static final String SLICE = "slice";
    /** Exchange property: the {@link dev.caravan.run.Lane} of the slice that this exchange carries out, if it has several. */
    static final String LANE = "lane";
    /** Exchange property: the {@link dev.caravan.run.Chunk} of records in hand. */
    static final String CHUNK = "chunk";

    private Names() {}

    static String slices(String stream) {
        return stream + "-slices";
    }

    static String lanes(String stream) {
        return stream + "-lanes";
    }

    static String http(String connection) {
        return connection + "-http";
    }

    static String format(String stream) {
        return stream + "-format";
    }
}
