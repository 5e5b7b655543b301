package dev.caravan.bench;

/**
 * One kind of work.
 *
 * @param page records on a page
 * @param latency milliseconds that every answer takes longer
 * @param every429 of so many requests one is refused with {@code Retry-After: 1}; 0 for none
 * @param slices parts of a stream that are pulled at once
 * @param streams streams that are pulled at once
 * @param parquet whether files are Parquet, packed with zstd, in place of lines of JSON
 */
record Cell(String name, int page, int latency, int every429, int slices, int streams, boolean parquet) {
    static Cell of(String name, int page, int latency, int every429, int slices) {
        return new Cell(name, page, latency, every429, slices, 1, false);
    }

    /** Returns the nearest number of rows that fills whole pages of every slice. */
    long rounded(double rows) {
        long unit = (long) page * slices;
        return Math.max(1, Math.round(rows / unit)) * unit;
    }
}
