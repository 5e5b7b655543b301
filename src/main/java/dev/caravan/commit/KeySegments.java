package dev.caravan.commit;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys in the database, as log-structured merge trees have them: what is added at once is a segment, sorted by hash and cut
 * into blocks, and segments are put together when there are too many. So adding a key costs some bytes,
 * however many there are, and not a page of its own.
 *
 * <p>Blocks of a segment do not overlap. A key may be in several segments; the latest cursor counts, and none is later than any.
 *
 * <p>For one transaction.
 */
final class KeySegments {
    /** Keys of a block: four rows of SQLite with them fill a page of 4096 bytes. One that looks for a key goes through a block of them. */
    private static final int BLOCK = 40;

    /** Segments that may be, before some are put together. */
    static final int MOST = 4;

    /** Keys that are put together in one transaction: others may write in between. */
    private static final int STEP = 1 << 17;
    /** Blocks of a segment that are read at once. */
    private static final int AHEAD = 32;
    /** Keys that are not worth keeping longer than asked for, to save the rewriting of their segment. */
    private static final int FEW = 2_000;
    /** Keys in a statement that asks for some: they travel a network in one go. */
    private static final int ASKED = 100;

    private static final String FIND_ONE = findOf(1);
    private static final String FIND_MANY = findOf(ASKED);
    private static final String OF_SET = " WHERE stream_id = ?";
    private static final String OF_SEGMENT = " WHERE stream_id = ? AND segment = ?";

    private final StateSession session;
    private final long set;
    private final int step;

    KeySegments(StateSession session, long set) {
        this(session, set, STEP);
    }

    /** @param step keys that are put together in one transaction */
    KeySegments(StateSession session, long set, int step) {
        this.session = session;
        this.set = set;
        this.step = step;
    }

    /**
     * What is known of a segment.
     *
     * @param keys how many
     * @param forever how many of them have no cursor
     * @param least cursor, in milliseconds; {@link Long#MAX_VALUE} if none has one
     * @param greatest likewise; {@link Long#MIN_VALUE} if none has one
     */
    record Segment(long number, long keys, long forever, long least, long greatest) {
        static Segment empty(long number) {
            return new Segment(number, 0, 0, Long.MAX_VALUE, SeenKey.NONE);
        }

        private boolean covers(Segment found) {
            return keys == found.keys && forever == found.forever && least <= found.least && greatest >= found.greatest;
        }

        private Segment plus(Segment other) {
            return new Segment(
                    number,
                    keys + other.keys,
                    forever + other.forever,
                    Math.min(least, other.least),
                    Math.max(greatest, other.greatest));
        }

        private Segment plus(Entries added) {
            long without = 0;
            long from = least;
            long to = greatest;
            for (int i = 0; i < added.size(); i++) {
                long millis = added.millis(i);
                if (millis == SeenKey.NONE) {
                    without++;
                } else {
                    from = Math.min(from, millis);
                    to = Math.max(to, millis);
                }
            }
            return new Segment(number, keys + added.size(), forever + without, from, to);
        }
    }

    /**
     * Looks whether all sets are as they were written.
     *
     * @throws SQLException as {@link DamagedDatabase#found} has it, if something is missing or another
     */
    static void check(StateSession session) throws SQLException {
        Map<List<Long>, Segment> there = new HashMap<>();
        try (ResultSet row = session.prepare("SELECT stream_id, segment, first, keys, crc FROM seen_block")
                .executeQuery()) {
            while (row.next()) {
                long set = row.getLong(1);
                long number = row.getLong(2);
                Entries entries = entries(set, number, row.getBytes(4), row.getLong(5));
                if (!Arrays.equals(entries.first(), row.getBytes(3))) {
                    throw DamagedDatabase.found("a block of keys lies where it does not belong");
                }
                there.merge(List.of(set, number), Segment.empty(number).plus(entries), (one, other) -> one.plus(other));
            }
        }
        for (long set : sets(session)) {
            for (Segment segment : new KeySegments(session, set).segments()) {
                Segment found = there.remove(List.of(set, segment.number()));
                if (found == null || !segment.covers(found)) {
                    throw DamagedDatabase.found("a segment of keys has lost some");
                }
            }
        }
        if (!there.isEmpty()) {
            throw DamagedDatabase.found("a segment of keys is lost");
        }
    }

    private static Set<Long> sets(StateSession session) throws SQLException {
        Set<Long> sets = new HashSet<>();
        try (ResultSet row =
                session.prepare("SELECT DISTINCT stream_id FROM seen_segment").executeQuery()) {
            while (row.next()) {
                sets.add(row.getLong(1));
            }
        }
        return sets;
    }

    /** Returns the segments, the smallest first. */
    List<Segment> segments() throws SQLException {
        PreparedStatement statement = session.prepare("SELECT segment, keys, forever, least, greatest FROM seen_segment"
                + OF_SET + " ORDER BY keys, segment");
        statement.setLong(1, set);
        List<Segment> segments = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                long least = row.getLong(4);
                boolean any = !row.wasNull();
                segments.add(new Segment(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        any ? least : Long.MAX_VALUE,
                        any ? row.getLong(5) : SeenKey.NONE));
            }
        }
        return segments;
    }

    /**
     * Adds keys.
     *
     * @param to the segment that this returned for keys which all come before them; null for a new one
     * @param sorted by hash, each once
     * @return the segment they are in: a new one if {@code to} is not what it was
     */
    Segment add(@Nullable Segment to, List<SeenKey> sorted) throws SQLException {
        Entries entries = Entries.of(sorted);
        List<Segment> all = segments();
        Segment into = to != null && all.contains(to) ? to : Segment.empty(next(all));
        return append(into, entries);
    }

    private static long next(List<Segment> all) {
        return all.stream().mapToLong(Segment::number).max().orElse(0) + 1;
    }

    private Segment append(Segment to, Entries entries) throws SQLException {
        if (entries.size() == 0) {
            return to;
        }
        Segment grown = to.plus(entries);
        insert(to.number(), entries);
        put(grown);
        return grown;
    }

    private void insert(long segment, Entries entries) throws SQLException {
        PreparedStatement statement =
                session.prepare("INSERT INTO seen_block (stream_id, segment, first, keys, crc) VALUES (?, ?, ?, ?, ?)");
        for (int from = 0; from < entries.size(); from += BLOCK) {
            byte[] keys = entries.bytes(from, Math.min(entries.size(), from + BLOCK));
            statement.setLong(1, set);
            statement.setLong(2, segment);
            statement.setBytes(3, Arrays.copyOf(keys, KeyHash.BYTES));
            statement.setBytes(4, keys);
            statement.setLong(5, crc(set, segment, keys));
            statement.addBatch();
        }
        statement.executeBatch();
    }

    private void put(Segment segment) throws SQLException {
        PreparedStatement statement = session.prepare(
                "INSERT INTO seen_segment (stream_id, segment, keys, forever, least, greatest) VALUES (?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (stream_id, segment) DO UPDATE SET keys = excluded.keys,"
                        + " forever = excluded.forever, least = excluded.least, greatest = excluded.greatest");
        statement.setLong(1, set);
        statement.setLong(2, segment.number());
        statement.setLong(3, segment.keys());
        statement.setLong(4, segment.forever());
        if (segment.greatest() == SeenKey.NONE) {
            statement.setNull(5, Types.BIGINT);
            statement.setNull(6, Types.BIGINT);
        } else {
            statement.setLong(5, segment.least());
            statement.setLong(6, segment.greatest());
        }
        statement.executeUpdate();
    }

    /** Covers where a block belongs, so that one that something has moved is noticed too. */
    private static long crc(long set, long segment, byte[] keys) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(set)
                .putLong(segment)
                .flip());
        crc.update(keys);
        return crc.getValue();
    }

    /** Returns which of {@code hashes} are there, by their position. Most are in the largest segment, so that is asked first. */
    BitSet find(List<KeyHash> hashes) throws SQLException {
        BitSet found = new BitSet(hashes.size());
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < hashes.size(); i++) {
            left.add(i);
        }
        left.sort(Comparator.comparing(hashes::get)); // in the order of the database's pages
        List<Segment> all = segments();
        for (int i = all.size() - 1; i >= 0 && !left.isEmpty(); i--) {
            for (int from = 0; from < left.size(); from += ASKED) {
                find(all.get(i).number(), hashes, left.subList(from, Math.min(left.size(), from + ASKED)), found);
            }
            left.removeIf(found::get);
        }
        return found;
    }

    private void find(long segment, List<KeyHash> hashes, List<Integer> places, BitSet found) throws SQLException {
        int asked = places.size() == 1 ? 1 : ASKED;
        PreparedStatement statement = session.prepare(asked == 1 ? FIND_ONE : FIND_MANY);
        for (int i = 0; i < asked; i++) {
            // A statement for fewer keys asks for nothing behind them.
            byte[] hash = i < places.size() ? hashes.get(places.get(i)).toBytes() : null;
            statement.setBytes(1 + i, hash);
        }
        statement.setLong(asked + 1, set);
        statement.setLong(asked + 2, segment);
        Set<KeyHash> known = new HashSet<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                known.add(KeyHash.of(row.getBytes(1)));
            }
        }
        if (!known.isEmpty()) {
            places.stream().filter(place -> known.contains(hashes.get(place))).forEach(found::set);
        }
    }

    /** In a segment a key can be in one block only: the last that begins with it or before it. */
    private static String findOf(int keys) {
        return "WITH asked (hash) AS (VALUES "
                + String.join(", ", Collections.nCopies(keys, "(?)"))
                + ") SELECT asked.hash FROM asked WHERE asked.hash IS NOT NULL AND instr((SELECT seen_block.keys"
                + " FROM seen_block WHERE seen_block.stream_id = ? AND seen_block.segment = ?"
                + " AND seen_block.first <= asked.hash ORDER BY seen_block.first DESC LIMIT 1), asked.hash) > 0";
    }

    /** A place among all blocks: what is put together goes to places behind all others. */
    record Place(long segment, byte[] first) {}

    /** Some keys in the order of their places, and where the next are; null behind the last. */
    record Some(List<KeyHash> keys, @Nullable Place next) {
        static final Some NONE = new Some(List.of(), null);
    }

    /**
     * Reads keys from a place on.
     *
     * @param after null for the first
     * @param most keys, more or less
     */
    Some read(@Nullable Place after, int most) throws SQLException {
        int blocks = Math.max(1, most / BLOCK);
        PreparedStatement statement = session.prepare("SELECT segment, first, keys, crc FROM seen_block" + OF_SET
                + " AND (segment, first) > (?, ?) ORDER BY segment, first LIMIT ?");
        statement.setLong(1, set);
        statement.setLong(2, after == null ? 0 : after.segment());
        statement.setBytes(3, after == null ? new byte[0] : after.first());
        statement.setInt(4, blocks);
        List<KeyHash> keys = new ArrayList<>();
        Place last = null;
        int read = 0;
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                last = new Place(row.getLong(1), row.getBytes(2));
                Entries entries = entries(last.segment(), row.getBytes(3), row.getLong(4));
                for (int i = 0; i < entries.size(); i++) {
                    keys.add(new KeyHash(entries.high(i), entries.low(i)));
                }
                read++;
            }
        }
        return new Some(keys, read < blocks ? null : last);
    }

    private Entries entries(long segment, byte[] keys, long crc) throws SQLException {
        return entries(set, segment, keys, crc);
    }

    private static Entries entries(long set, long segment, byte[] keys, long crc) throws SQLException {
        if (keys.length == 0 || keys.length % SeenKey.BYTES != 0 || crc != crc(set, segment, keys)) {
            throw DamagedDatabase.found("a block of keys has another checksum");
        }
        return new Entries(ByteBuffer.wrap(keys));
    }

    /** Forgets all. */
    void forgetAll() throws SQLException {
        session.execute("DELETE FROM seen_block" + OF_SET, set);
        session.execute("DELETE FROM seen_segment" + OF_SET, set);
    }

    private void drop(long segment) throws SQLException {
        for (String table : List.of("seen_block", "seen_segment")) {
            PreparedStatement statement = session.prepare("DELETE FROM " + table + OF_SEGMENT);
            statement.setLong(1, set);
            statement.setLong(2, segment);
            statement.executeUpdate();
        }
    }

    /**
     * Forgets keys with a cursor before {@code before}. Of a large segment that would have to be written anew for a few of
     * them, they are forgotten with more: remembered too long, they do no harm.
     *
     * @return how many were forgotten
     */
    int forget(long before) throws SQLException {
        long forgotten = 0;
        for (Segment segment : segments()) {
            if (segment.least() >= before) {
                continue;
            }
            if (segment.greatest() < before && segment.forever() == 0) {
                drop(segment.number());
                forgotten += segment.keys();
            } else if (segment.keys() <= FEW || share(segment, before) >= 0.25) {
                forgotten += segment.keys() - rewritten(segment, millis -> millis == SeenKey.NONE || millis >= before);
            }
        }
        return Math.toIntExact(forgotten);
    }

    /** Returns about which share of a segment is before an instant, if its cursors are spread evenly. */
    private static double share(Segment segment, long before) {
        double span = (double) segment.greatest() - segment.least();
        double dead = Math.min(1, ((double) before - segment.least()) / Math.max(1, span));
        return dead * (segment.keys() - segment.forever()) / segment.keys();
    }

    private long rewritten(Segment segment, LongPredicate kept) throws SQLException {
        Segment fresh = Segment.empty(next(segments()));
        Input input = new Input(segment);
        while (!input.isAtEnd()) {
            Entries.Builder alive = new Entries.Builder(step, segment.keys());
            for (int i = 0; i < step && !input.isAtEnd(); i++) {
                if (kept.test(input.millis())) {
                    alive.add(input.high(), input.low(), input.millis());
                }
                input.take();
            }
            fresh = append(fresh, alive.entries());
        }
        drop(segment.number());
        return fresh.keys();
    }

    /**
     * Segments that are being put together into another, in several transactions.
     *
     * @param inputs as they are now, the ones that have been read up removed
     */
    record Merge(List<Segment> inputs, Segment output) {}

    /** Returns which segments are to be put together; none if they are few enough. */
    Optional<Merge> due() throws SQLException {
        List<Segment> all = segments();
        if (all.size() <= MOST) {
            return Optional.empty();
        }
        int count = 2;
        long keys = all.get(0).keys() + all.get(1).keys();
        while (count < all.size() && all.get(count).keys() <= keys) {
            keys += all.get(count).keys();
            count++;
        }
        return Optional.of(new Merge(List.copyOf(all.subList(0, count)), Segment.empty(next(all))));
    }

    /** Puts some more keys together. Returns what is left to do: nothing if somebody else has changed something. */
    Optional<Merge> step(Merge merge) throws SQLException {
        List<Segment> all = segments();
        Segment output = merge.output();
        if (!all.containsAll(merge.inputs())
                || (output.keys() > 0 ? !all.contains(output) : output.number() != next(all))) {
            return Optional.empty();
        }
        List<Input> inputs = new ArrayList<>();
        for (Segment segment : merge.inputs()) {
            inputs.add(new Input(segment));
        }
        output = append(output, merged(inputs));
        List<Segment> left = new ArrayList<>();
        for (Input input : inputs) {
            Segment rest = input.cutOff();
            if (rest.keys() > 0) {
                left.add(rest);
            }
        }
        return left.isEmpty() ? Optional.empty() : Optional.of(new Merge(left, output));
    }

    /** Takes keys from several segments in their order, each once and with the cursor that counts. */
    private Entries merged(List<Input> inputs) throws SQLException {
        long left = inputs.stream().mapToLong(input -> input.segment.keys()).sum();
        Entries.Builder merged = new Entries.Builder(step, left);
        while (!merged.isFull()) {
            Input least = null;
            for (Input input : inputs) {
                if (!input.isAtEnd() && (least == null || input.compareTo(least) < 0)) {
                    least = input;
                }
            }
            if (least == null) {
                break;
            }
            long high = least.high();
            long low = least.low();
            long millis = least.millis();
            for (Input input : inputs) {
                if (!input.isAtEnd() && input.high() == high && input.low() == low) {
                    millis = SeenKey.later(millis, input.millis());
                    input.take();
                }
            }
            merged.add(high, low, millis);
        }
        return merged.entries();
    }

    /** Reads a segment from its beginning. */
    private final class Input {
        private final Segment segment;
        private final Deque<Entries> ahead = new ArrayDeque<>();
        private Entries block = Entries.NONE;
        private int at;
        private @Nullable Entries last;
        private long taken;
        private long takenForever;
        private boolean readUp;

        private Input(Segment segment) {
            this.segment = segment;
        }

        private boolean isAtEnd() throws SQLException {
            while (at == block.size()) {
                Entries next = ahead.poll();
                if (next == null) {
                    if (readUp) {
                        return true;
                    }
                    read();
                } else {
                    block = next;
                    at = 0;
                }
            }
            return false;
        }

        private void read() throws SQLException {
            PreparedStatement statement = session.prepare(
                    "SELECT keys, crc FROM seen_block" + OF_SEGMENT + " AND first > ? ORDER BY first LIMIT ?");
            statement.setLong(1, set);
            statement.setLong(2, segment.number());
            statement.setBytes(3, last == null ? new byte[0] : last.first());
            statement.setInt(4, AHEAD);
            int blocks = 0;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    last = entries(segment.number(), row.getBytes(1), row.getLong(2));
                    ahead.add(last);
                    blocks++;
                }
            }
            readUp = blocks < AHEAD;
        }

        private long high() {
            return block.high(at);
        }

        private long low() {
            return block.low(at);
        }

        private long millis() {
            return block.millis(at);
        }

        private int compareTo(Input other) {
            return KeyHash.compare(high(), low(), other.high(), other.low());
        }

        private void take() {
            taken++;
            if (millis() == SeenKey.NONE) {
                takenForever++;
            }
            at++;
        }

        /** Deletes from the segment what was taken, and returns what it is now. */
        private Segment cutOff() throws SQLException {
            Segment rest = new Segment(
                    segment.number(),
                    segment.keys() - taken,
                    segment.forever() - takenForever,
                    segment.least(),
                    segment.greatest());
            if (rest.keys() == 0) {
                drop(segment.number());
            } else if (taken > 0) {
                PreparedStatement statement =
                        session.prepare("DELETE FROM seen_block" + OF_SEGMENT + " AND first <= ?");
                statement.setLong(1, set);
                statement.setLong(2, segment.number());
                statement.setBytes(3, block.first());
                statement.executeUpdate();
                insert(segment.number(), block.from(at));
                put(rest);
            }
            return rest;
        }
    }

    /** Keys and cursors, sorted by hash, as blocks have them: 16 bytes of a hash, 8 of its cursor in milliseconds, big-endian. */
    private record Entries(ByteBuffer buffer) {
        private static final Entries NONE = new Entries(ByteBuffer.allocate(0));

        private static Entries of(List<SeenKey> sorted) {
            Builder entries = new Builder(sorted.size(), sorted.size());
            for (SeenKey key : sorted) {
                entries.add(key.hash().high(), key.hash().low(), key.millis());
            }
            return entries.entries();
        }

        private int size() {
            return buffer.limit() / SeenKey.BYTES;
        }

        private long high(int i) {
            return buffer.getLong(i * SeenKey.BYTES);
        }

        private long low(int i) {
            return buffer.getLong(i * SeenKey.BYTES + Long.BYTES);
        }

        private long millis(int i) {
            return buffer.getLong(i * SeenKey.BYTES + KeyHash.BYTES);
        }

        private byte[] first() {
            return bytes(0, 1, KeyHash.BYTES);
        }

        private byte[] bytes(int from, int to) {
            return bytes(from, to, SeenKey.BYTES);
        }

        private byte[] bytes(int from, int to, int each) {
            byte[] bytes = new byte[(to - from - 1) * SeenKey.BYTES + each];
            buffer.get(from * SeenKey.BYTES, bytes);
            return bytes;
        }

        private Entries from(int i) {
            return new Entries(ByteBuffer.wrap(i == size() ? new byte[0] : bytes(i, size())));
        }

        /** Takes keys in order, up to a number, of which there are no more than some. */
        private static final class Builder {
            private final ByteBuffer buffer;

            private Builder(int most, long there) {
                buffer = ByteBuffer.allocate((int) Math.min(most, there) * SeenKey.BYTES);
            }

            private boolean isFull() {
                return !buffer.hasRemaining();
            }

            private void add(long high, long low, long millis) {
                buffer.putLong(high).putLong(low).putLong(millis);
            }

            private Entries entries() {
                return new Entries(buffer.flip());
            }
        }
    }
}
