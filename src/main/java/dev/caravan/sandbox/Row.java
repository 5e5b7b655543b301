package dev.caravan.sandbox;

/**
 * One row at one version: everything its record is computed from.
 *
 * @param scope the list it belongs to
 * @param index its place in the order of creation, from 0
 * @param seed what its values are drawn from; the same in every version
 * @param origin when it came to be, as epoch second
 * @param time when it was last touched; {@code origin} unless an edit moved it
 * @param version how often it was edited
 * @param kind which of its table's kinds it is
 * @param subject the row it tells about, for a row that announces an edit, or {@link Subject#NONE}
 */
record Row(Scope scope, long index, long seed, long origin, long time, int version, int kind, Subject subject) {
    /** The edited row that another row announces. */
    record Subject(long index, int version) {
        static final Subject NONE = new Subject(-1, 0);
    }

    /** A row that carries nothing but its scope, for texts that belong to no table. */
    static Row of(Scope scope) {
        return new Row(scope, 0, 0, 0, 0, 0, 0, Subject.NONE);
    }

    Row in(Scope other) {
        return new Row(other, index, seed, origin, time, version, kind, subject);
    }

    long roll(long salt) {
        return Hash.mix(seed + salt);
    }
}
