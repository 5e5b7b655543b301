package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The ledgers of a run that feeds several sinks. All begin with the same progress and commit one after the other, the first one
 * first; so a crash leaves some a batch ahead of others, and the next run begins with the least. What a sink has already is known
 * by its keys, and not written to it again.
 */
final class FanLedger implements Ledger {
    private final List<CommittedLedger> all;

    /** @param all of which the first keeps the rejects, and tells what landed */
    FanLedger(List<CommittedLedger> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public Progress progress() {
        return all.get(0).progress();
    }

    @Override
    public SliceLedger slice(Slice slice) {
        return new FanSlice(all.stream().map(each -> each.slice(slice)).toList());
    }

    /** Returns where the records of a file of rejects land that are taken now; the file goes with their commit. */
    SliceLedger replaying(SealedFile rejects, Partition partition) {
        List<SinkSlice> slices = new ArrayList<>();
        for (CommittedLedger each : all) {
            slices.add(slices.isEmpty() ? each.replaying(rejects, partition) : each.slice(new Slice(partition, null)));
        }
        return new FanSlice(slices);
    }

    @Override
    public void advance(UnaryOperator<Progress> change) {
        all.forEach(each -> each.advance(change));
    }

    @Override
    public void complete(UnaryOperator<Progress> change) {
        all.forEach(each -> each.complete(change));
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (CommittedLedger each : all) {
            try {
                each.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static final class FanSlice implements SliceLedger {
        private final List<SinkSlice> all;
        /** The keys of records that a sink has and another has not; each record has a text of its own for it. */
        private final List<Set<String>> known = new ArrayList<>();

        private int committed;
        private List<SealedFile> landed = List.of();

        FanSlice(List<SinkSlice> all) {
            this.all = all;
            all.forEach(each -> known.add(Collections.newSetFromMap(new IdentityHashMap<>())));
        }

        @Override
        public Optional<Replacing> replacing() {
            List<Replacing> each =
                    all.stream().flatMap(one -> one.replacing().stream()).toList();
            return each.isEmpty() ? Optional.empty() : Optional.of(new FanReplacing(each));
        }

        @Override
        public void recall(List<SourceRecord> records) {
            all.forEach(each -> each.recall(records));
        }

        @Override
        public List<SourceRecord> firstSeen(List<SourceRecord> records) {
            List<Set<SourceRecord>> fresh = new ArrayList<>();
            Set<SourceRecord> any = Collections.newSetFromMap(new IdentityHashMap<>());
            for (SinkSlice each : all) {
                Set<SourceRecord> of = Collections.newSetFromMap(new IdentityHashMap<>());
                of.addAll(each.firstSeen(records));
                fresh.add(of);
                any.addAll(of);
            }
            List<SourceRecord> kept = records.stream().filter(any::contains).toList();
            for (SourceRecord record : kept) {
                for (int i = 0; i < all.size(); i++) {
                    String key = record.key();
                    if (key != null && !fresh.get(i).contains(record)) {
                        known.get(i).add(key);
                    }
                }
            }
            return kept;
        }

        @Override
        public void forget(List<SourceRecord> records) {
            all.forEach(each -> each.forget(records));
        }

        /** A record that one sink cannot hold is set aside for all: they hold the same. */
        @Override
        public Map<Integer, String> refused(List<SourceRecord> records) {
            Map<Integer, String> any = new TreeMap<>();
            all.forEach(each -> each.refused(records).forEach(any::putIfAbsent));
            return any;
        }

        @Override
        public void write(Batch batch, List<Reject> rejects) {
            committed = 0;
            for (int i = 0; i < all.size(); i++) {
                all.get(i).write(wanted(i, batch), i == 0 ? List.copyOf(rejects) : List.of());
            }
        }

        /** Returns what of a batch a sink has not. */
        private List<SourceRecord> wanted(int sink, Batch batch) {
            Set<String> has = known.get(sink);
            return batch.records().stream()
                    .filter(record -> has.isEmpty() || record.key() == null || !has.contains(record.key()))
                    .toList();
        }

        @Override
        public Optional<Outgoing> send(Batch batch, List<Reject> rejects, UnaryOperator<Progress> change, int pages) {
            List<Outgoing> each = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                all.get(i)
                        .send(wanted(i, batch), i == 0 ? List.copyOf(rejects) : List.of(), change, pages)
                        .ifPresent(each::add);
            }
            known.forEach(Set::clear);
            return Optional.of(new FanOutgoing(each));
        }

        @Override
        public List<SealedFile> commit(UnaryOperator<Progress> change, int pages) {
            while (committed < all.size()) {
                List<SealedFile> files = all.get(committed).commit(change, pages);
                landed = committed == 0 ? files : landed;
                committed++;
            }
            committed = 0;
            known.forEach(Set::clear);
            return landed;
        }

        @Override
        public void ended() {
            all.forEach(SinkSlice::ended);
        }
    }

    /** A batch on its way into several sinks, the first one first. */
    private static final class FanOutgoing implements Outgoing {
        private final List<Outgoing> all;

        FanOutgoing(List<Outgoing> all) {
            this.all = List.copyOf(all);
        }

        @Override
        public void write() {
            all.forEach(Outgoing::write);
        }

        @Override
        public List<SealedFile> commit() {
            List<SealedFile> landed = all.get(0).commit();
            all.stream().skip(1).forEach(Outgoing::commit);
            return landed;
        }
    }

    /** The same for slices that take the place of what is there: each sink has all of what is pulled. */
    private record FanReplacing(List<Replacing> all) implements Replacing {
        @Override
        public void keep(int pages) {
            all.forEach(each -> each.keep(pages));
        }

        @Override
        public int giveUpPart() {
            return all.stream().mapToInt(Replacing::giveUpPart).sum();
        }

        @Override
        public void endPart() {
            all.forEach(Replacing::endPart);
        }

        @Override
        public long giveUp() {
            return all.stream().mapToLong(Replacing::giveUp).max().orElse(0);
        }

        @Override
        public boolean changesAnything() {
            return all.stream().anyMatch(Replacing::changesAnything);
        }
    }
}
