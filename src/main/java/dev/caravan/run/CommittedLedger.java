package dev.caravan.run;

import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.Candidate;
import dev.caravan.commit.Committer;
import dev.caravan.commit.ContestedKeysException;
import dev.caravan.commit.Draft;
import dev.caravan.commit.KeyBatch;
import dev.caravan.commit.KeyHistory;
import dev.caravan.commit.Lease;
import dev.caravan.commit.Remembered;
import dev.caravan.commit.RunKeys;
import dev.caravan.commit.SeenKeys;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.sink.Sink;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.Window;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The ledger of an ordinary run: a lease, the commit log, and the keys of the stream. */
final class CommittedLedger implements Ledger {
    private final Lease lease;
    private final Committer committer;
    private final RunKeys keys;
    private final Sink sink;
    private final Landing landing;
    private final Progress before;
    private final Progress planned;
    private final Purpose purpose;
    private final AtomicInteger batches = new AtomicInteger();

    /**
     * @param purpose which part of the stream's progress the run moves
     * @param before that part as the lease found it
     * @param planned the same with what this run is to pull; the first commit carries it
     */
    CommittedLedger(
            Lease lease, RunKeys keys, Sink sink, Landing landing, Purpose purpose, Progress before, Progress planned) {
        this.lease = lease;
        this.purpose = purpose;
        this.before = before;
        this.planned = planned;
        this.committer = new Committer(lease);
        this.keys = keys;
        this.sink = sink;
        this.landing = landing;
    }

    /**
     * How the records of a run land.
     *
     * @param data the folder that holds everything
     * @param zones the zone of a partition's days
     * @param started when the run began
     * @param cursored whether the stream has a cursor
     * @param remembered what of a record is remembered
     * @param replaces whether what a slice pulls takes the place of what was there of it
     * @param definition hash of what the stream asks
     * @param forms how records of a partition are written
     */
    record Landing(
            Path data,
            Function<Partition, ZoneId> zones,
            Instant started,
            boolean cursored,
            Remembered remembered,
            boolean replaces,
            String definition,
            Function<Partition, RecordForm> forms) {}

    @Override
    public Progress progress() {
        return withPlan(purpose.of(lease.log().progress()));
    }

    private Progress withPlan(Progress committed) {
        return committed.equals(before) ? planned : committed;
    }

    private UnaryOperator<Progress> onPlan(UnaryOperator<Progress> change) {
        return stream -> purpose.in(stream, change.apply(withPlan(purpose.of(stream))));
    }

    private UnaryOperator<Progress> ending(UnaryOperator<Progress> change) {
        return stream -> purpose.ended(stream, change.apply(withPlan(purpose.of(stream))));
    }

    @Override
    public SinkSlice slice(Slice slice) {
        return landing.replaces() ? new ReplacingSlice(slice) : new CommittedSlice(slice, List.of());
    }

    private SliceFiles files(Slice slice) {
        return new SliceFiles(lease, sink, landing, slice.partition(), purpose.generation(), batches);
    }

    /** Returns where the records of a file of rejects land that are taken now; the file goes with their commit. */
    CommittedSlice replaying(SealedFile rejects, Partition partition) {
        return new CommittedSlice(new Slice(partition, null), List.of(rejects.path()));
    }

    @Override
    public void advance(UnaryOperator<Progress> change) {
        commitIfChanged(onPlan(change));
    }

    @Override
    public void complete(UnaryOperator<Progress> change) {
        Long generation = purpose.generation();
        if (generation == null) {
            commitIfChanged(ending(change));
        } else {
            committer.replace(generation, landing.definition(), ending(change));
        }
    }

    private void commitIfChanged(UnaryOperator<Progress> change) {
        Progress reached = lease.log().progress();
        if (!change.apply(reached).equals(reached)) {
            committer.commit(Draft.checkpoint(landing.definition(), change));
        }
    }

    @Override
    public void close() {
        try (lease) {
            committer.settle();
        }
    }

    final class CommittedSlice implements SinkSlice {
        private final Slice slice;
        private final SeenKeys seen = keys.slice();
        private final SliceFiles writing;
        private final List<String> removed;
        private Written written = new Written(List.of(), List.of());

        /** @param removed what goes with the next commit */
        CommittedSlice(Slice slice, List<String> removed) {
            this.slice = slice;
            this.removed = removed;
            this.writing = files(slice);
        }

        @Override
        public void recall(List<SourceRecord> records) {
            Instant from = null;
            Instant to = null;
            for (SourceRecord record : records) {
                Instant cursor = record.cursor();
                if (cursor != null) {
                    from = from == null || cursor.isBefore(from) ? cursor : from;
                    to = to == null || cursor.isAfter(to) ? cursor : to;
                }
            }
            if (from != null && to != null) {
                new KeyHistory(lease).load(from, to.plusMillis(1));
            }
        }

        @Override
        public List<SourceRecord> firstSeen(List<SourceRecord> records) {
            BitSet fresh = seen.firstSeen(candidates(records));
            List<SourceRecord> kept = new ArrayList<>(records.size());
            fresh.stream().forEach(i -> kept.add(records.get(i)));
            return kept;
        }

        @Override
        public void forget(List<SourceRecord> records) {
            seen.unstage(candidates(records));
        }

        @Override
        public Map<Integer, String> refused(List<SourceRecord> records) {
            return writing.refused(records);
        }

        @Override
        public void write(List<SourceRecord> records, List<Reject> refused) {
            written = new Written(records, refused);
            written.write();
        }

        @Override
        public List<SealedFile> commit(UnaryOperator<Progress> change, int pages) {
            List<SealedFile> files = written.commit(seen.seal(), change, pages);
            // A slice that is done stays with its run: its last batch must not.
            written = new Written(List.of(), List.of());
            return files;
        }

        @Override
        public Optional<Outgoing> send(
                List<SourceRecord> records, List<Reject> refused, UnaryOperator<Progress> change, int pages) {
            Written batch = new Written(records, refused);
            KeyBatch sealed = seen.seal();
            return Optional.of(new Outgoing() {
                @Override
                public void write() {
                    batch.write();
                }

                @Override
                public List<SealedFile> commit() {
                    return batch.commit(sealed, change, pages);
                }
            });
        }

        @Override
        public void ended() {
            committer.sliceEnded();
        }

        /** A batch, and the files it was written to. One thread at a time. */
        private final class Written {
            private final List<Reject> rejects;
            private List<SourceRecord> records;
            private List<SealedFile> files = List.of();
            private List<SealedFile> rejected = List.of();

            private Written(List<SourceRecord> records, List<Reject> rejects) {
                this.records = records;
                this.rejects = rejects;
            }

            private void write() {
                int number = writing.number();
                files = writing.rows(number, records, null);
                rejected = writing.rejects(number, rejects, null);
            }

            private List<SealedFile> commit(KeyBatch keys, UnaryOperator<Progress> change, int pages) {
                while (true) {
                    Draft draft = Draft.data(slice.id(), files, rejected, pages, landing.definition(), onPlan(change))
                            .removing(removed);
                    Long generation = purpose.generation();
                    try {
                        committer.commit(generation == null ? draft : draft.pending(generation), keys);
                        records = List.of(); // whoever has the batch need not keep them
                        return files;
                    } catch (ContestedKeysException e) {
                        writeWithout(e, keys);
                    }
                }
            }

            /** A sibling slice committed some of the batch's records first: writes the rest again. */
            private void writeWithout(ContestedKeysException contested, KeyBatch keys) {
                List<SourceRecord> rest = records.stream()
                        .filter(record ->
                                !contested.keys().contains(landing.remembered().hash(candidate(record))))
                        .toList();
                if (records.size() - rest.size() != contested.keys().size()) {
                    keys.giveUp();
                    throw contested;
                }
                keys.leaveOut(contested.keys());
                records = rest;
                write();
            }
        }

        private static List<Candidate> candidates(List<SourceRecord> records) {
            return records.stream().map(CommittedSlice::candidate).toList();
        }

        private static Candidate candidate(SourceRecord record) {
            return new Candidate(record.key(), record.bytes(), record.offset(), record.length(), record.cursor());
        }
    }

    /**
     * A slice whose rows take the place of those that are there of it: batches are kept, staged, until it is done, and then
     * count with one commit. Whatever breaks off before leaves what was there.
     */
    private final class ReplacingSlice implements SinkSlice, Ledger.Replacing {
        private final Slice slice;
        private final SliceFiles writing;
        private final Portion portion;
        private final KeptPart done = new KeptPart();
        private KeptPart part = new KeptPart();
        private List<SealedFile> files = List.of();
        private List<SealedFile> rejected = List.of();
        private boolean inDoubt;

        ReplacingSlice(Slice slice) {
            this.slice = slice;
            this.writing = files(slice);
            this.portion = portion(slice, writing.zone());
        }

        @Override
        public Optional<Ledger.Replacing> replacing() {
            return Optional.of(this);
        }

        /** A key is known within the slice only: what another pull has brought says nothing about what is there now. */
        @Override
        public List<SourceRecord> firstSeen(List<SourceRecord> records) {
            return records.stream()
                    .filter(record -> done.isNew(record) && part.add(record))
                    .toList();
        }

        @Override
        public void forget(List<SourceRecord> records) {
            part.forget(records);
        }

        @Override
        public Map<Integer, String> refused(List<SourceRecord> records) {
            return writing.refused(records);
        }

        @Override
        public void write(List<SourceRecord> records, List<Reject> refused) {
            lease.delete(files, rejected); // of an attempt that failed half way
            files = List.of();
            rejected = List.of();
            List<SealedFile> sealed = new ArrayList<>();
            try {
                for (Map.Entry<Portion, List<SourceRecord>> each :
                        byDay(records).entrySet()) {
                    sealed.addAll(writing.rows(writing.number(), each.getValue(), each.getKey()));
                }
                rejected = writing.rejects(writing.number(), refused, portion);
            } finally {
                files = List.copyOf(sealed);
            }
        }

        private Map<Portion, List<SourceRecord>> byDay(List<SourceRecord> records) {
            LocalDate first = portion.from();
            if (first == null || records.isEmpty()) {
                return records.isEmpty() ? Map.of() : Map.of(portion, records);
            }
            boolean oneDay = portion.equals(portion.day(first));
            Map<Portion, List<SourceRecord>> days = new TreeMap<>(Comparator.comparing(Portion::from));
            for (SourceRecord record : records) {
                Instant cursor = record.cursor();
                if (cursor == null && !oneDay) {
                    throw new PullException(
                            Remedy.STOP,
                            "%s %s: a record has no cursor, so it is not known of which day it is; pull one day at a time, window: 1d"
                                    .formatted(lease.stream().id(), slice.id()));
                }
                LocalDate day =
                        cursor == null ? first : cursor.atZone(writing.zone()).toLocalDate();
                days.computeIfAbsent(portion.day(day), any -> new ArrayList<>()).add(record);
            }
            return days;
        }

        @Override
        public void keep(int pages) {
            part.keep(files, rejected, pages);
            files = List.of();
            rejected = List.of();
        }

        @Override
        public int giveUpPart() {
            int refused = part.refused();
            lease.delete(part.files(), part.rejects());
            part = new KeptPart();
            return refused;
        }

        @Override
        public void endPart() {
            done.add(part);
            part = new KeptPart();
        }

        @Override
        public long giveUp() {
            if (inDoubt) {
                return 0; // a commit may name them
            }
            long rows = done.rows() + part.rows();
            endPart();
            lease.delete(done.files(), done.rejects());
            lease.delete(files, rejected);
            done.clear();
            files = List.of();
            rejected = List.of();
            return rows;
        }

        @Override
        public boolean changesAnything() {
            return !done.isEmpty() || !part.isEmpty() || committer.holds(portion, purpose.generation() != null);
        }

        @Override
        public List<SealedFile> commit(UnaryOperator<Progress> change, int pages) {
            if (part.pages() > 0 || !part.isEmpty()) {
                endPart();
            }
            Long generation = purpose.generation();
            Draft draft = Draft.data(
                    slice.id(), done.files(), done.rejects(), done.pages(), landing.definition(), onPlan(change));
            inDoubt = true;
            committer.commitInPlaceOf(portion, generation == null ? draft : draft.pending(generation));
            inDoubt = false;
            List<SealedFile> landed = done.files();
            done.clear();
            return landed;
        }
    }

    /** Returns what is pulled by a slice: days where it has a window, or all of its partition. */
    private static Portion portion(Slice slice, ZoneId zone) {
        Window window = slice.window();
        return window == null
                ? Portion.of(slice.partition().id())
                : new Portion(
                        slice.partition().id(),
                        window.from().atZone(zone).toLocalDate(),
                        window.to().minusNanos(1).atZone(zone).toLocalDate().plusDays(1));
    }
}
