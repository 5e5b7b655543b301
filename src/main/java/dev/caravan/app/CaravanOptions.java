package dev.caravan.app;

import dev.caravan.commit.Machine;
import dev.caravan.commit.PostgresSettings;
import dev.caravan.connection.Redaction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * How this application pulls.
 *
 * @param routes folder of the vendor files, with {@code templates/} and {@code shared/}
 * @param data folder that everything lands in, state included
 * @param sandbox which connections pull from the built-in imitation: {@code off}, {@code missing} (those without a
 *     credential) or {@code all}
 * @param sandboxRows rows of each of the sandbox's larger collections, 0 for its own choice
 * @param sandboxPort port of the sandbox on 127.0.0.1, 0 for any that is free
 * @param sandboxLimits whether the sandbox imitates the vendors' rate limits
 * @param recordings folder of recorded answers, a folder for each host; the sandbox gives them instead of its own
 * @param connections accounts, by name; a vendor without one has a single account of its own name
 * @param patience longest wait of a run at its gate; a longer one ends it as paused
 * @param maxPage largest answer accepted, after decompression
 * @param maxRecord largest record that lands; a larger one is rejected. The default leaves readers with a bound of 16 MB for a
 *     line, such as DuckDB, room for the fields that are added
 * @param pageMemory what the pages and batches of all streams may hold together, uncompressed; default is 40 % of the
 *     largest heap ({@code -Xmx})
 * @param batchRows records after which a batch is written and committed
 * @param batchSize bytes of records after which it is
 * @param requestsPerSecond most requests this process sends in a second, to all connections together
 * @param requestsInFlight most requests open at once, to all connections together
 * @param keepReports how long reports and the history of runs are kept: 90d, 1y; {@code 0} or {@code forever} keeps them
 * @param keepRejects how long rejected records are kept, in the same form
 * @param stuckAfter how long a run may stand still without waiting for anything before it is called stuck; an answer may take
 *     as long as its connection's {@code deadline} beside it
 * @param state address of the PostgreSQL that keeps the state, {@code jdbc:postgresql://host:port/database}; without one it
 *     is the file {@code state/caravan.db} below {@code data}
 * @param stateUser user of that database, unless its address says
 * @param statePassword password of that user; secret
 * @param lease how long another machine waits for one that died, with a state in PostgreSQL
 * @param machine name of this machine in the leases of a state in PostgreSQL; by default the operating system's
 */
@ConfigurationProperties("caravan")
record CaravanOptions(
        @DefaultValue("routes") Path routes,
        @DefaultValue("data") Path data,
        @DefaultValue("off") String sandbox,
        @DefaultValue("0") long sandboxRows,
        @DefaultValue("0") int sandboxPort,
        @DefaultValue("true") boolean sandboxLimits,
        @DefaultValue("recordings") Path recordings,
        @DefaultValue Map<String, ConnectionOptions> connections,
        @DefaultValue("15m") Duration patience,
        @DefaultValue("32MB") DataSize maxPage,
        @DefaultValue("15MB") DataSize maxRecord,
        @Nullable DataSize pageMemory,
        @DefaultValue("10000") int batchRows,
        @DefaultValue("16MB") DataSize batchSize,
        @DefaultValue("500") int requestsPerSecond,
        @DefaultValue("200") int requestsInFlight,
        @DefaultValue("90d") String keepReports,
        @DefaultValue("90d") String keepRejects,
        @DefaultValue("5m") Duration stuckAfter,
        @Nullable String state,
        @Nullable String stateUser,
        @Nullable String statePassword,
        @DefaultValue("60s") Duration lease,
        @Nullable String machine) {
    private static final Duration SHORTEST_STUCK = Duration.ofSeconds(1);

    public CaravanOptions {
        connections = Map.copyOf(connections);
        SandboxMode.of(sandbox);
        Retention.span("caravan.keep-reports", keepReports);
        Retention.span("caravan.keep-rejects", keepRejects);
        if (maxRecord.toBytes() < 1) {
            throw new IllegalArgumentException(
                    "caravan.max-record is %s, write a size such as 15MB".formatted(maxRecord));
        }
        if (pageMemory != null && pageMemory.toBytes() < 1) {
            throw new IllegalArgumentException(
                    "caravan.page-memory is %s, write a size such as 256MB".formatted(pageMemory));
        }
        if (stuckAfter.compareTo(SHORTEST_STUCK) < 0) {
            throw new IllegalArgumentException(
                    "caravan.stuck-after=%s is not at least 1s".formatted(DurationStyle.SIMPLE.print(stuckAfter)));
        }
        if (batchRows < 1 || requestsPerSecond < 1 || requestsInFlight < 1) {
            throw new IllegalArgumentException(
                    "caravan.batch-rows, caravan.requests-per-second and caravan.requests-in-flight are at least 1");
        }
        postgres(state, stateUser, statePassword, lease, machine);
    }

    /** Where PostgreSQL keeps the state; empty if SQLite does. */
    public Optional<PostgresSettings> postgres() {
        return postgres(state, stateUser, statePassword, lease, machine);
    }

    private static Optional<PostgresSettings> postgres(
            @Nullable String state,
            @Nullable String user,
            @Nullable String password,
            Duration lease,
            @Nullable String machine) {
        if (state == null || state.isBlank()) {
            return Optional.empty();
        }
        if (lease.compareTo(PostgresSettings.SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("caravan.lease=%s: it lasts %ds at least"
                    .formatted(DurationStyle.SIMPLE.print(lease), PostgresSettings.SHORTEST_LEASE.toSeconds()));
        }
        if (machine != null && machine.isBlank()) {
            throw new IllegalArgumentException(
                    "caravan.machine is empty; leave it out for the operating system's name");
        }
        try {
            return Optional.of(new PostgresSettings(
                    state,
                    blankToNull(user),
                    blankToNull(password),
                    machine == null ? Machine.name() : machine,
                    lease));
        } catch (IllegalArgumentException e) {
            // Without it as a cause: the deepest message is the one that is shown, and only this one names the setting.
            throw new IllegalArgumentException("caravan.state=%s: %s. Leave it out for SQLite below caravan.data"
                    .formatted(masked(state), e.getMessage()));
        }
    }

    /** Returns an address that was mistyped, without what looks like a user and its password. */
    private static String masked(String address) {
        return Redaction.BY_NAME.text(address.replaceFirst("//.*@", "//***@"));
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "CaravanOptions[routes=%s, data=%s, sandbox=%s]".formatted(routes, data, sandbox);
    }

    /** Returns what pages and batches may hold together, in bytes. */
    public long pageMemoryBytes() {
        return pageMemory == null ? Runtime.getRuntime().maxMemory() / 10 * 4 : pageMemory.toBytes();
    }

    /** Which connections pull from the sandbox. */
    public SandboxMode sandboxMode() {
        return SandboxMode.of(sandbox);
    }

    /**
     * One account at a vendor.
     *
     * @param vendor name of the vendor's file and connection
     * @param tags what every record of it carries, such as {@code org}
     */
    public record ConnectionOptions(
            String vendor, @DefaultValue Map<String, String> tags) {}
}
