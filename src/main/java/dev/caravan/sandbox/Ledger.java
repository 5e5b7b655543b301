package dev.caravan.sandbox;

import dev.caravan.sandbox.Row.Subject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** The lists of one vendor as they stand now. Safe for any number of threads. */
final class Ledger {
    /** Most lists remembered; beyond it one is computed anew each time, and cannot be changed. */
    private static final int MOST = 10_000;

    private record Key(String table, String scope) {}

    private final long rows;
    private final Map<Key, Rows> lists = new ConcurrentHashMap<>();

    Ledger(long rows) {
        this.rows = rows;
    }

    Rows list(Table table, Scope scope) {
        Key key = new Key(table.name(), scope.name());
        Rows known = lists.get(key);
        if (known != null) {
            return known;
        }
        Rows fresh = fresh(table, scope);
        if (lists.size() < MOST) {
            Rows other = lists.putIfAbsent(key, fresh);
            return other == null ? fresh : other;
        }
        return fresh;
    }

    /** The scopes of the lists of a table that were asked for or changed. */
    List<String> scopes(Table table) {
        return lists.keySet().stream()
                .filter(key -> key.table().equals(table.name()))
                .map(Key::scope)
                .sorted()
                .toList();
    }

    void append(Table table, Scope scope, int count, int kind, Subject subject) {
        change(table, scope, amendments -> amendments.append(count, kind, subject));
    }

    void edit(Table table, Scope scope, long index) {
        change(table, scope, amendments -> amendments.edit(index));
    }

    void remove(Table table, Scope scope, long index) {
        change(table, scope, amendments -> amendments.remove(index));
    }

    void reset() {
        lists.clear();
    }

    private void change(Table table, Scope scope, UnaryOperator<Amendments> change) {
        Key changed = new Key(table.name(), scope.name());
        if (lists.size() >= MOST && !lists.containsKey(changed)) {
            throw new IllegalArgumentException("At most %d lists can be changed".formatted(MOST));
        }
        lists.compute(changed, (key, known) -> (known == null ? fresh(table, scope) : known).amended(change));
    }

    private Rows fresh(Table table, Scope scope) {
        Timeline timeline = table.timeline(scope, rows);
        return new Rows(table, scope, timeline, Amendments.none(timeline.rows(), table.moving()));
    }
}
