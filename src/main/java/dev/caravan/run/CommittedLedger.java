package dev.caravan.run;

import dev.caravan.batch.Batch;
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
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Destination;
import dev.caravan.sink.Reject;
import dev.caravan.sink.RejectDestination;
import dev.caravan.sink.RejectSink;
import dev.caravan.sink.Sink;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The ledger of an ordinary run: a lease, the commit log, and the keys of the stream. */
final class CommittedLedger implements Ledger {
    private final Lease lease;
    private final Committer committer;
    private final RunKeys keys;
    private final Sink sink;
    private final RejectSink rejectSink = new RejectSink();
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
     * @param definition hash of what the stream asks
     * @param forms how records of a partition are written
     */
    record Landing(
            Path data,
            Function<Partition, ZoneId> zones,
            Instant started,
            boolean cursored,
            Remembered remembered,
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
    public CommittedSlice slice(Slice slice) {
        return new CommittedSlice(slice, List.of());
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
        lease.close();
    }

    final class CommittedSlice implements SliceLedger {
        private final Slice slice;
        private final SeenKeys seen = keys.slice();
        private final RecordForm form;
        private final ZoneId zone;
        private final List<String> removed;
        private List<SealedFile> files = List.of();
        private List<SealedFile> rejected = List.of();
        private List<SourceRecord> written = List.of();
        private List<Reject> rejects = List.of();

        /** @param removed what goes with the next commit */
        CommittedSlice(Slice slice, List<String> removed) {
            this.slice = slice;
            this.removed = removed;
            this.form = landing.forms().apply(slice.partition());
            this.zone = landing.zones().apply(slice.partition());
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
        public void write(Batch batch, List<Reject> rejects) {
            write(List.copyOf(batch.records()), List.copyOf(rejects));
        }

        void write(List<SourceRecord> records, List<Reject> refused) {
            written = records;
            rejects = refused;
            try {
                stage(batches.incrementAndGet());
            } catch (RuntimeException e) {
                lease.requireLatest();
                throw e;
            }
        }

        private void stage(int number) {
            files = placed(sink.write(
                    new Destination(
                            lease.folder(),
                            lease.staging(),
                            lease.run(),
                            number,
                            zone,
                            landing.started(),
                            landing.cursored(),
                            form),
                    written));
            rejected = rejectSink.write(
                    new RejectDestination(
                            landing.data(),
                            lease.stream().rejects(),
                            lease.staging(),
                            lease.run(),
                            number,
                            zone,
                            landing.started()),
                    rejects);
        }

        /** The rows of a generation that does not count yet wait where no reader looks. */
        private List<SealedFile> placed(List<SealedFile> written) {
            Long generation = purpose.generation();
            return generation == null
                    ? written
                    : written.stream()
                            .map(file -> file.at(Committer.place(generation) + file.path()))
                            .toList();
        }

        @Override
        public List<SealedFile> commit(UnaryOperator<Progress> change, int pages) {
            KeyBatch batch = seen.seal();
            while (true) {
                Draft draft = Draft.data(slice.id(), files, rejected, pages, landing.definition(), onPlan(change))
                        .removing(removed);
                Long generation = purpose.generation();
                try {
                    committer.commit(generation == null ? draft : draft.pending(generation), batch);
                    // A slice that is done stays with its run: its last batch must not.
                    written = List.of();
                    rejects = List.of();
                    return files;
                } catch (ContestedKeysException e) {
                    writeWithout(e, batch);
                }
            }
        }

        /** A sibling slice committed some of the batch's records first: writes the rest again. */
        private void writeWithout(ContestedKeysException contested, KeyBatch batch) {
            List<SourceRecord> rest = written.stream()
                    .filter(record ->
                            !contested.keys().contains(landing.remembered().hash(candidate(record))))
                    .toList();
            if (written.size() - rest.size() != contested.keys().size()) {
                batch.giveUp();
                throw contested;
            }
            batch.leaveOut(contested.keys());
            write(rest, rejects);
        }

        private static List<Candidate> candidates(List<SourceRecord> records) {
            return records.stream().map(CommittedSlice::candidate).toList();
        }

        private static Candidate candidate(SourceRecord record) {
            return new Candidate(record.key(), record.bytes(), record.offset(), record.length(), record.cursor());
        }
    }
}
