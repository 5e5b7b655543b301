package dev.caravan.sandbox;

/**
 * Spreads rows over a span of time: each has a cell of its own and a hashed moment in it, so times never fall, and
 * never meet while there are fewer rows than seconds.
 *
 * @param from first second, as epoch
 * @param to end of the span, excluded
 * @param rows how many rows share it
 * @param salt what tells this timeline from another
 */
record Timeline(long from, long to, long rows, long salt) {
    Timeline {
        if (from >= to || rows < 0 || rows > Long.MAX_VALUE / (to - from)) {
            throw new IllegalArgumentException("No timeline: from=%d to=%d rows=%d".formatted(from, to, rows));
        }
    }

    long at(long index) {
        long start = edge(index);
        long width = edge(index + 1) - start;
        return from + start + (width < 2 ? 0 : Hash.below(width, Hash.mix(salt ^ index)));
    }

    private long edge(long index) {
        return (to - from) * index / rows;
    }
}
