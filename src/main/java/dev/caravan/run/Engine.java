package dev.caravan.run;

import dev.caravan.commit.StateStore;
import dev.caravan.lake.Lake;
import dev.caravan.sink.Outlet;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Span;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What all streams of a process share.
 *
 * @param data the folder of this machine that holds state, locks and reports
 * @param lake where rows, commits, keys and rejects lie; its places are below {@code data}
 * @param store the state database
 * @param sinks where records of streams go that do not say it themselves
 * @param outlet what takes messages to endpoints outside
 * @param clock the only clock
 * @param patience longest wait at a gate
 * @param maxPage largest answer in bytes
 * @param maxRecord largest record in bytes
 * @param memory what the pages and batches of all streams may hold together
 * @param batches threads that write and commit batches beside their slices; refuses one when all are busy
 * @param batchRows records of a full batch
 * @param batchBytes bytes of records of a full batch
 * @param keepRejects how long rejected records are kept, empty for ever
 * @param streams all streams of the process, for those whose partitions are the records of another
 * @param ended told every summary of a run that left a trace
 */
public record Engine(
        Path data,
        Lake lake,
        StateStore store,
        List<SinkSettings> sinks,
        Outlet outlet,
        Clock clock,
        Duration patience,
        int maxPage,
        long maxRecord,
        PageMemory memory,
        Executor batches,
        int batchRows,
        long batchBytes,
        Optional<Span> keepRejects,
        Streams streams,
        Consumer<RunSummary> ended) {}
