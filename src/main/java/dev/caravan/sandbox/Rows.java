package dev.caravan.sandbox;

import dev.caravan.sandbox.Row.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The rows of one list as they stood at one moment, oldest first by the time they were last touched. Each is computed
 * when asked for. Immutable.
 */
final class Rows {
    private final Table table;
    private final Scope scope;
    private final Timeline timeline;
    private final Amendments amendments;
    private final long seed;

    Rows(Table table, Scope scope, Timeline timeline, Amendments amendments) {
        this.table = table;
        this.scope = scope;
        this.timeline = timeline;
        this.amendments = amendments;
        this.seed = Hash.mix(table.salt() + scope.salt());
    }

    Rows amended(UnaryOperator<Amendments> change) {
        return new Rows(table, scope, timeline, change.apply(amendments));
    }

    long size() {
        return amendments.size();
    }

    /** How many rows there were before any was appended. */
    long computed() {
        return timeline.rows();
    }

    Row at(long position) {
        return row(amendments.indexAt(position));
    }

    /** The row at its place in the order of creation, as it is now. */
    Row row(long index) {
        return row(index, amendments.version(index));
    }

    /** The row as it was at a version. */
    Row row(long index, int version) {
        long drawn = Hash.mix(seed ^ index);
        int kind = table.kind(drawn);
        if (amendments.isComputed(index)) {
            long origin = timeline.at(index);
            return new Row(
                    scope, index, drawn, origin, amendments.touchedAt(index, origin), version, kind, Subject.NONE);
        }
        Amendments.Appended appended = amendments.appended(index);
        return new Row(
                scope,
                index,
                drawn,
                appended.time(),
                amendments.touchedAt(index, appended.time()),
                version,
                appended.kind() < 0 ? kind : appended.kind(),
                appended.subject());
    }

    /** The index of the row with this id, or empty when there is none. */
    OptionalLong find(String id) {
        OptionalLong index = table.identifier().indexOf(id, table.idSalt(scope));
        if (index.isEmpty() || index.getAsLong() < 0 || index.getAsLong() >= size()) {
            return OptionalLong.empty();
        }
        JsonBuffer written = new JsonBuffer(id.length() + 8);
        table.identifier().write(index.getAsLong(), table.idSalt(scope), written);
        return written.toString().equals(id) ? index : OptionalLong.empty();
    }

    long positionOf(long index) {
        return amendments.positionOf(index);
    }

    /** The position of the first row touched at this second or later; {@link #size} when there is none. */
    long firstAtOrAfter(long second) {
        long low = 0;
        long high = size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (at(middle).time() >= second) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Up to {@code most} matching rows that were not taken away, of {@code [from, to)}, from its first on, or from its last on backwards. */
    List<Row> pick(long from, long to, boolean backwards, Predicate<Row> wanted, long most) {
        List<Row> picked = new ArrayList<>();
        for (long left = to - from; left > 0 && picked.size() < most; left--) {
            Row row = at(backwards ? from + left - 1 : to - left);
            if (!amendments.isRemoved(row.index()) && wanted.test(row)) {
                picked.add(row);
            }
        }
        return picked;
    }
}
