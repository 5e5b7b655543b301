package dev.caravan.commit;

import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The progress of a stream in the database: a row for each partition, so that a commit costs what it changes, and a text for the
 * rest. Within a transaction of its caller.
 */
final class ProgressRows {
    private static final String OWN = "";
    private static final int BATCH = 500;

    private final StateSession session;
    private final long stream;

    /** @param stream number of the stream's row */
    ProgressRows(StateSession session, long stream) {
        this.session = session;
        this.stream = stream;
    }

    /** Returns all of it. */
    Progress read(String rest) throws SQLException {
        Progress stored = StateJson.progress(rest);
        Map<String, List<PartitionProgress>> rows = rows();
        Set<String> units = new LinkedHashSet<>(stored.units().keySet());
        units.addAll(rows.keySet());
        units.remove(OWN);
        Map<String, Progress> all = new LinkedHashMap<>();
        for (String unit : units) {
            Progress whole = stored.unit(unit).plus(new Progress(rows.getOrDefault(unit, List.of())));
            if (!whole.equals(Progress.NONE)) {
                all.put(unit, whole);
            }
        }
        Progress own = new Progress(stored.partitions()).plus(new Progress(rows.getOrDefault(OWN, List.of())));
        return new Progress(own.partitions(), all, stored.marks(), null);
    }

    private Map<String, List<PartitionProgress>> rows() throws SQLException {
        PreparedStatement statement = session.prepare(
                "SELECT unit, progress FROM partition_progress WHERE stream_id = ? ORDER BY unit, place");
        statement.setLong(1, stream);
        Map<String, List<PartitionProgress>> rows = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                rows.computeIfAbsent(row.getString(1), unit -> new ArrayList<>())
                        .add(StateJson.partition(row.getString(2)));
            }
        }
        return rows;
    }

    /**
     * Adds a difference.
     *
     * @return the new rest
     */
    String add(String rest, Progress difference) throws SQLException {
        Progress stored = StateJson.progress(rest);
        if (!stored.equals(withoutPartitions(stored))) {
            // Written by a version that had no rows.
            addAll(stored);
        }
        addAll(difference);
        return StateJson.write(withoutPartitions(stored).plus(withoutPartitions(difference)));
    }

    /**
     * Puts {@code whole} in the place of what is there.
     *
     * @return the rest
     */
    String replace(Progress whole) throws SQLException {
        forget();
        addAll(whole);
        return StateJson.write(withoutPartitions(whole));
    }

    void forget() throws SQLException {
        session.execute("DELETE FROM partition_progress WHERE stream_id = ?", stream);
    }

    private void addAll(Progress difference) throws SQLException {
        put(OWN, difference.partitions());
        remove(OWN, difference.gone());
        for (Map.Entry<String, Progress> unit : difference.units().entrySet()) {
            if (unit.getValue().equals(Progress.NONE)) {
                PreparedStatement end =
                        session.prepare("DELETE FROM partition_progress WHERE stream_id = ? AND unit = ?");
                end.setLong(1, stream);
                end.setString(2, unit.getKey());
                end.executeUpdate();
            } else {
                put(unit.getKey(), unit.getValue().partitions());
                remove(unit.getKey(), unit.getValue().gone());
            }
        }
    }

    private void put(String unit, List<PartitionProgress> partitions) throws SQLException {
        if (partitions.isEmpty()) {
            return;
        }
        long place = places(unit);
        PreparedStatement put =
                session.prepare("INSERT INTO partition_progress (stream_id, unit, part, place, progress)"
                        + " VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (stream_id, unit, part) DO UPDATE SET progress = excluded.progress");
        int added = 0;
        for (PartitionProgress each : partitions) {
            put.setLong(1, stream);
            put.setString(2, unit);
            put.setString(3, each.partition().id());
            put.setLong(4, place++);
            put.setString(5, StateJson.write(each));
            put.addBatch();
            if (++added % BATCH == 0) {
                put.executeBatch();
            }
        }
        put.executeBatch();
    }

    /** Returns the place behind all others. */
    private long places(String unit) throws SQLException {
        PreparedStatement statement = session.prepare(
                "SELECT coalesce(max(place), -1) + 1 FROM partition_progress WHERE stream_id = ? AND unit = ?");
        statement.setLong(1, stream);
        statement.setString(2, unit);
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private void remove(String unit, List<Partition> partitions) throws SQLException {
        if (partitions.isEmpty()) {
            return;
        }
        PreparedStatement remove =
                session.prepare("DELETE FROM partition_progress WHERE stream_id = ? AND unit = ? AND part = ?");
        for (Partition each : partitions) {
            remove.setLong(1, stream);
            remove.setString(2, unit);
            remove.setString(3, each.id());
            remove.addBatch();
        }
        remove.executeBatch();
    }

    private static Progress withoutPartitions(Progress progress) {
        Map<String, Progress> units = new LinkedHashMap<>();
        progress.units().forEach((name, unit) -> units.put(name, withoutPartitions(unit)));
        return new Progress(List.of(), units, progress.marks(), null);
    }
}
