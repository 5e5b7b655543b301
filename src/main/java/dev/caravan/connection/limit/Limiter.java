package dev.caravan.connection.limit;

import dev.caravan.connection.Answer;
import dev.caravan.connection.outcome.RateHeaders;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection, or the whole process, within its quotas. Never sleeps: it lets a request through now, or says when to
 * ask again, and whoever asks waits where it can be interrupted and seen. What counts is the moment a request is let
 * through, so that nothing which was let through earlier, and waits elsewhere, is sent beside those of a later time.
 *
 * <p>A limiter with a parent keeps within the parent's quotas as well. Safe for any number of threads.
 */
public final class Limiter {
    /** How often a request looks whether there is room for it: places come free with every answer. */
    private static final Duration BUSY = Duration.ofMillis(2);
    /** Quotas that each path has of its own; beyond that, those at rest are forgotten, the oldest first. */
    private static final int MOST_PATHS = 1_000;

    private static final int MOST_STREAMS = 10_000;

    private final @Nullable Limiter parent;
    private final Clock clock;
    private final ForwardTime time;
    private final Breaker breaker;
    private final AtomicReference<@Nullable Hold> hold = new AtomicReference<>();
    private final LimitSettings settings;
    private final Lane whole;
    private List<Lane> lanes = new ArrayList<>();
    private final Map<String, Lane> ofPaths = new LinkedHashMap<>();
    /** The shortest time from leaving to answer, by stream. */
    private final Map<String, Long> quickest = new HashMap<>();

    private int inFlight;
    private int maxInFlight;
    private double changedRate;

    /** @param parent whose quotas count too, null for none */
    public Limiter(LimitSettings settings, @Nullable Limiter parent, Clock clock) {
        this.settings = settings;
        this.parent = parent;
        this.clock = clock;
        this.time = new ForwardTime(clock);
        this.breaker = new Breaker(settings.breaker(), clock);
        this.maxInFlight = settings.inFlight();
        this.whole = new Lane(
                new Quota(
                        null,
                        Duration.ofSeconds(1),
                        null,
                        Integer.MAX_VALUE,
                        RequestMatch.ANY,
                        false,
                        Quota.Counts.REQUEST,
                        null),
                time.nanos());
        changeQuotas(settings.quotas());
    }

    /**
     * Returns the limiter of a whole process.
     *
     * @param perSecond requests in any second
     * @param inFlight requests open at once
     */
    public static Limiter ofProcess(int perSecond, int inFlight, Clock clock) {
        return new Limiter(LimitSettings.of(List.of(Quota.perSecond(perSecond)), inFlight), null, clock);
    }

    /**
     * What became of a request that asked to go.
     *
     * @param pass that of the request, null if it must wait
     * @param delay how long, at least; zero with a pass
     * @param quota whether it waits for a quota, rather than for others to be answered
     */
    public record Entry(@Nullable Pass pass, Duration delay, boolean quota) {
        static Entry later(Duration delay, boolean quota) {
            return new Entry(null, delay, quota);
        }
    }

    /** Returns what a request costs whose stream does not say it. */
    public double weight(String method, String path) {
        return settings.weight(method, path);
    }

    /** Lets a request through, now, or says when to ask again. */
    public synchronized Entry enter(Ask ask) {
        Optional<Hold> held = held();
        if (held.isPresent()) {
            return Entry.later(Duration.between(clock.instant(), held.get().until()), true);
        }
        if (inFlight >= maxInFlight) {
            return Entry.later(BUSY, false);
        }
        long now = time.nanos();
        List<Lane> mine = lanes(ask, now);
        long wait = 0;
        for (Lane lane : mine) {
            if (lane.isFull()) {
                return Entry.later(BUSY, false);
            }
            wait = Math.max(wait, lane.wait(lane.cost(ask), now));
        }
        if (wait > 0) {
            return Entry.later(Duration.ofNanos(wait), true);
        }
        return through(ask, mine, now);
    }

    /**
     * Lets a request through that nobody waits for yet, now or not at all: not while something is held, and not while the
     * breaker tries out whether the vendor is well.
     */
    public synchronized Optional<Pass> tryEnter(Ask ask) {
        return breaker.isTrying()
                ? Optional.empty()
                : Optional.ofNullable(enter(ask).pass());
    }

    private Entry through(Ask ask, List<Lane> mine, long now) {
        if (!breaker.tryEnter()) {
            return Entry.later(breaker.probing(), true);
        }
        Pass above = null;
        if (parent != null) {
            Entry entry = parent.enter(ask.asOne());
            above = entry.pass();
            if (above == null) {
                breaker.left();
                return entry;
            }
        }
        inFlight++;
        List<Double> costs = new ArrayList<>();
        for (Lane lane : mine) {
            double cost = lane.cost(ask);
            costs.add(cost);
            lane.enter(cost, now);
        }
        return new Entry(new Pass(ask, mine, costs, above, now), Duration.ZERO, false);
    }

    /** Counts a request that is sent whatever the quotas say, such as one for a token; the others wait the longer. */
    public void count(Ask ask) {
        synchronized (this) {
            long now = time.nanos();
            for (Lane lane : lanes(ask, now)) {
                double cost = lane.cost(ask);
                lane.enter(cost, now);
                lane.leave(cost, now, 0, 0);
            }
        }
        if (parent != null) {
            parent.count(ask.asOne());
        }
    }

    private List<Lane> lanes(Ask ask, long now) {
        List<Lane> mine = new ArrayList<>();
        mine.add(whole);
        for (Lane lane : lanes) {
            Quota quota = lane.quota();
            if (quota.match().fits(ask.method(), ask.path())) {
                mine.add(quota.byPath() ? ofPath(quota, ask.path(), now) : lane);
            }
        }
        return mine;
    }

    private Lane ofPath(Quota quota, String path, long now) {
        if (ofPaths.size() >= MOST_PATHS) {
            ofPaths.values().removeIf(Lane::isIdle);
        }
        return ofPaths.computeIfAbsent(quota.hashCode() + " " + path, any -> new Lane(quota, now));
    }

    /** A request that was let through. */
    public final class Pass {
        private final Ask ask;
        private final List<Lane> mine;
        private final List<Double> costs;
        private final @Nullable Pass above;
        private final long entered;
        private boolean left;

        private Pass(Ask ask, List<Lane> mine, List<Double> costs, @Nullable Pass above, long entered) {
            this.entered = entered;
            this.ask = ask;
            this.mine = mine;
            this.costs = costs;
            this.above = above;
        }

        /** Corrects the quotas by what the answer says of them. */
        public void learn(Answer answer) {
            synchronized (Limiter.this) {
                long now = time.nanos();
                for (int i = 0; i < mine.size(); i++) {
                    mine.get(i).learn(answer, ask, costs.get(i), now);
                }
                if (settings.adapt()) {
                    adapt(answer, now);
                }
            }
        }

        /** Headers tell of the narrowest quota a request has; where none is declared for some requests only, of the connection's. */
        private void adapt(Answer answer, long now) {
            int narrowest = 0;
            for (int i = 1; i < mine.size(); i++) {
                Quota quota = mine.get(i).quota();
                if (quota.byPath() || !quota.match().equals(RequestMatch.ANY)) {
                    narrowest = i;
                    break;
                }
            }
            Lane lane = mine.get(narrowest);
            double cost = narrowest == 0 ? ask.weight() : costs.get(narrowest);
            for (RateHeaders.Standing each : RateHeaders.in(answer.headers(), clock.instant())) {
                each.reset()
                        .ifPresent(reset -> lane.bound(each.left().doubleValue(), now + reset.toNanos(), cost, now));
            }
        }

        /** The request is answered, or given up. Once is enough. */
        public void leave() {
            synchronized (Limiter.this) {
                if (left) {
                    return;
                }
                left = true;
                inFlight--;
                long took = Limiter.this.time.nanos() - entered;
                // Nothing is known of the first request of a stream but that it arrived before it was answered.
                long usual = quickest.getOrDefault(ask.stream(), 0L);
                if (quickest.size() < MOST_STREAMS || quickest.containsKey(ask.stream())) {
                    quickest.merge(ask.stream(), took, Math::min);
                }
                for (int i = 0; i < mine.size(); i++) {
                    mine.get(i).leave(costs.get(i), entered, Math.max(0, took - usual), usual);
                }
                breaker.left();
            }
            if (above != null) {
                above.leave();
            }
        }
    }

    /**
     * Tells how a request ended, for the breaker.
     *
     * @param well false if the vendor is in trouble; that it refuses a request is no trouble
     */
    public void answered(boolean well) {
        breaker.answered(well);
    }

    /** Keeps the whole connection back until then, because the vendor said so. A later hold stands. */
    public void holdUntil(Instant until, String reason) {
        hold.accumulateAndGet(
                new Hold(until, reason),
                (standing, next) ->
                        standing == null || next == null || next.until().isAfter(standing.until()) ? next : standing);
    }

    /** Returns the hold that stands now: the vendor's, or that of the breaker. */
    public Optional<Hold> held() {
        Optional<Hold> vendors =
                Optional.ofNullable(hold.get()).filter(each -> each.until().isAfter(clock.instant()));
        Optional<Hold> breakers = breaker.held();
        if (vendors.isEmpty() || breakers.isEmpty()) {
            return vendors.or(() -> breakers);
        }
        return vendors.get().until().isAfter(breakers.get().until()) ? vendors : breakers;
    }

    /** Ends a hold early, closes the breaker and forgets what the vendor said is left, for an operator who knows better. */
    public synchronized void release() {
        hold.set(null);
        breaker.reset();
        long now = time.nanos();
        whole.release(now);
        lanes.forEach(lane -> lane.release(now));
        ofPaths.values().forEach(lane -> lane.release(now));
    }

    /** Returns {@code closed}, {@code open}, {@code half-open} or {@code off}. */
    public String breaker() {
        return breaker.state();
    }

    public synchronized int inFlight() {
        return inFlight;
    }

    /** Changes the quotas while running; each starts full. */
    public synchronized void changeQuotas(Collection<Quota> quotas) {
        if (quotas.isEmpty()) {
            throw new IllegalArgumentException("A limiter has at least one quota");
        }
        long now = time.nanos();
        lanes = quotas.stream().distinct().map(quota -> new Lane(quota, now)).toList();
        ofPaths.clear();
    }

    /**
     * Puts a rate in the place of the declared quotas that are for any request; those for some requests stay. It stands until
     * {@link #restore}.
     *
     * @throws IllegalArgumentException if it is not between one request in 1000 days and 100000 in a second
     */
    public synchronized void changeRate(double perSecond) {
        List<Quota> quotas = new ArrayList<>();
        quotas.add(Quota.bucket(perSecond, Duration.ofSeconds(1), Math.max(1, perSecond)));
        settings.quotas().stream().filter(quota -> !isGeneral(quota)).forEach(quotas::add);
        changeQuotas(quotas);
        changedRate = perSecond;
    }

    private static boolean isGeneral(Quota quota) {
        return quota.rate() != null
                && !quota.byPath()
                && quota.counts() == Quota.Counts.REQUEST
                && quota.match().equals(RequestMatch.ANY);
    }

    /** Returns the rate that was put in the place of the declared one, in requests a second; 0 if none was. */
    public synchronized double changedRate() {
        return changedRate;
    }

    /** Takes back what was changed of rate and of requests in flight. */
    public synchronized void restore() {
        changeQuotas(settings.quotas());
        changedRate = 0;
        maxInFlight = settings.inFlight();
    }

    /** Closes the breaker; what the vendor asked to wait for stands. */
    public void resetBreaker() {
        breaker.reset();
    }

    public synchronized int maxInFlight() {
        return maxInFlight;
    }

    /** Returns the quotas that hold now, a text each, such as {@code 20 per 1s, burst 5}. */
    public synchronized List<String> quotas() {
        return lanes.stream().map(Lane::quota).map(Quota::shown).toList();
    }

    /** Changes how many requests may be open at once; those above it finish. */
    public synchronized void changeMaxInFlight(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("in-flight=%d is not at least 1".formatted(most));
        }
        maxInFlight = most;
    }

    /** The clock, without its steps back: after one, nothing would come free until the old time is reached again. */
    private static final class ForwardTime {
        private final Clock clock;
        private Instant last;
        private long nanos;

        ForwardTime(Clock clock) {
            this.clock = clock;
            this.last = clock.instant();
        }

        long nanos() {
            Instant now = clock.instant();
            nanos += Math.max(0, Duration.between(last, now).toNanos());
            last = now;
            return nanos;
        }
    }
}
