package dev.caravan.connection.auth;

import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.failure.Remedy;
import dev.caravan.secret.SecretStore;
import dev.caravan.secret.Turn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A credential that a token endpoint gives, and gives anew before it ends or when it is refused.
 *
 * <p>One thread of one process of this machine asks at a time; the others wait for what it gets, or go on with the token
 * they have while it lives. What is obtained is on the disk before anybody uses it, because a vendor that rotates refresh
 * tokens takes the old one back when the new one is used. Safe for any number of threads.
 */
final class TokenAuth implements Auth {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.auth");

    /** Name under which the store keeps what was obtained; no setting begins so. */
    static final String STORED = "@token";

    /** How long a renewal ahead of time that failed is not tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(30);
    /** Names in a token request whose values anybody may know; what is not listed is secret. */
    private static final Set<String> PUBLIC_NAMES = Set.of(
            "grant_type",
            "client_id",
            "scope",
            "audience",
            "resource",
            "response_type",
            "redirect_uri",
            "subject_token_type",
            "requested_token_type",
            "client_assertion_type",
            "set_token_expires_in_60_days",
            "content-type",
            "accept",
            "user-agent",
            "username",
            "user",
            "login",
            "email");

    private final TokenSettings settings;
    private final String connection;
    private final SecretStore store;
    private final Clock clock;
    private final KnownSecrets secrets;
    private final TokenEndpoint endpoint;
    private final String origin;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable Tokens held;
    private volatile Instant notBefore = Instant.EPOCH;
    /** What the endpoint said it no longer accepts: asking with it again is of no use. Guarded by {@code turn}. */
    private @Nullable String dead;

    private String deadMessage = "auth: the token is refused";

    TokenAuth(TokenSettings settings, AuthContext context) {
        this.settings = settings;
        this.connection = context.connection();
        this.store = context.store();
        this.clock = context.clock();
        this.secrets = new KnownSecrets(secretsOf(settings));
        this.endpoint = new TokenEndpoint(settings, context.transport(), Redaction.of(secrets::all), clock);
        this.origin = origin(settings);
    }

    @Override
    public Request authorize(Request request) {
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            if (settings.optional()) {
                return request;
            }
            throw new CredentialMissingException(missing.get(0));
        }
        Tokens tokens = current();
        Request authorized = settings.to().put(request, Objects.requireNonNull(tokens.access()));
        for (Map.Entry<String, String> each : settings.headers().entrySet()) {
            authorized = authorized.withHeader(each.getKey(), each.getValue());
        }
        return authorized;
    }

    private Tokens current() {
        Tokens now = held;
        if (now != null && isGood(now)) {
            return now;
        }
        if (now == null || !now.lives(clock.instant())) {
            turn.lock();
        } else if (!turn.tryLock()) {
            return now; // somebody is renewing it, and it lives
        }
        try {
            Tokens since = held;
            return since != null && isGood(since) ? since : obtain(null);
        } finally {
            turn.unlock();
        }
    }

    private boolean isGood(Tokens tokens) {
        Instant now = clock.instant();
        return !tokens.isDue(now, settings.renewBefore().toDuration())
                || (now.isBefore(notBefore) && tokens.lives(now));
    }

    @Override
    public boolean renew(Request refused) {
        if (!missing().isEmpty()) {
            return false;
        }
        turn.lock();
        try {
            Tokens now = held;
            if (now != null && now.access() != null) {
                if (!settings.to().holds(refused, now.access())) {
                    return true; // another request was refused before, and renewed it
                }
                obtain(now.access());
            } else {
                obtain(null);
            }
            return true;
        } finally {
            turn.unlock();
        }
    }

    /** @param refused the access token that is no longer accepted, null if none is */
    private Tokens obtain(@Nullable String refused) {
        Assertion assertion = settings.assertion();
        if (assertion != null && settings.url() == null) {
            Instant now = clock.instant();
            return hold(new Tokens(assertion.signed(now), assertion.ends(now), null, now, origin));
        }
        Turn mine = store.turn(connection);
        try {
            Tokens stored = stored().orElse(null);
            if (stored != null && isFresh(stored) && !Objects.equals(stored.access(), refused)) {
                return hold(stored); // another process has renewed it
            }
            return renewed(stored, refused);
        } finally {
            mine.close();
        }
    }

    private boolean isFresh(Tokens stored) {
        return !stored.isDue(clock.instant(), settings.renewBefore().toDuration());
    }

    private Tokens renewed(@Nullable Tokens stored, @Nullable String refused) {
        Tokens living = stored != null ? stored : held;
        boolean lives = living != null && refused == null && living.lives(clock.instant());
        Tokens fresh;
        try {
            fresh = ask(stored, refused);
        } catch (CredentialException e) {
            if (living == null || !lives) {
                throw e;
            }
            // Ahead of time, so nothing is lost yet: the token there is goes on until it ends.
            LOG.warn(
                    "{}: the token could not be renewed, it ends at {}: {}",
                    connection,
                    living.expires(),
                    e.getMessage());
            notBefore = clock.instant().plus(PAUSE);
            return hold(living);
        }
        store.put(connection, STORED, fresh.written());
        notBefore = Instant.EPOCH;
        return hold(fresh);
    }

    /** Asks with what is known, the likeliest first. */
    private Tokens ask(@Nullable Tokens stored, @Nullable String refused) {
        for (Grant grant : grants(stored, refused)) {
            if (grant.token() != null && grant.token().equals(dead)) {
                continue;
            }
            try {
                Tokens fresh = endpoint.tokens(endpoint.ask(grant.values()), grant.origin());
                dead = null;
                // Where an answer brings no new refresh token, the old one goes on.
                return fresh.refresh() == null && settings.isRefreshToken()
                        ? new Tokens(fresh.access(), fresh.expires(), grant.token(), fresh.obtained(), fresh.origin())
                        : fresh;
            } catch (TokenEndpoint.DeadGrantException e) {
                dead = grant.token();
                deadMessage = String.valueOf(e.getMessage());
            }
        }
        throw new CredentialException(Remedy.STOP, "%s; %s".formatted(deadMessage, advice()));
    }

    /**
     * What a token is asked with.
     *
     * @param token the refresh token, or the one that is exchanged; null if the settings suffice
     * @param origin of what comes of it
     */
    private record Grant(
            Map<String, String> values, @Nullable String token, String origin) {
        Grant withoutToken() {
            return new Grant(values, null, origin);
        }
    }

    private List<Grant> grants(@Nullable Tokens stored, @Nullable String refused) {
        List<Grant> grants = new ArrayList<>();
        if (settings.isRefreshToken()) {
            refreshTokens(stored).forEach((token, from) -> grants.add(grant("refresh-token", token, from)));
        } else if (settings.isExchange()) {
            Stream.of(
                            Optional.ofNullable(stored)
                                    .filter(each -> each.lives(clock.instant()))
                                    .map(Tokens::access),
                            Optional.ofNullable(settings.seed()))
                    .flatMap(Optional::stream)
                    .filter(token -> !token.equals(refused))
                    .forEach(token -> grants.add(grant("token", token, origin)));
        } else {
            Assertion assertion = settings.assertion();
            grants.add(
                    assertion == null
                            ? new Grant(settings.values(), null, origin)
                            : grant("assertion", assertion.signed(clock.instant()), origin)
                                    .withoutToken());
        }
        return grants;
    }

    /**
     * Returns the refresh tokens that may live, the likeliest first, each with the origin of what comes of it: what renewals of
     * the configured one, or a login, brought; the configured one; what is left of another one for the same endpoint. One that
     * was used up is tried last, because some vendors then take back all that came of it.
     */
    private Map<String, String> refreshTokens(@Nullable Tokens stored) {
        Map<String, String> known = new LinkedHashMap<>();
        Tokens kept = stored != null ? stored : kept().orElse(null);
        boolean same = kept != null && (stored != null || samePart(kept.origin(), 2));
        String refresh = kept == null ? null : kept.refresh();
        if (same && kept != null && refresh != null) {
            known.put(refresh, stored != null ? stored.origin() : origin);
        }
        String seed = settings.seed();
        if (seed != null) {
            known.putIfAbsent(seed, origin);
        }
        if (!same && kept != null && refresh != null && samePart(kept.origin(), 1)) {
            known.putIfAbsent(refresh, origin);
        }
        return known;
    }

    /** Whether the first parts of an origin are ours: the endpoint, and what was configured to begin with. */
    private boolean samePart(String other, int parts) {
        return List.of(other.split("\\."))
                .subList(0, parts)
                .equals(List.of(origin.split("\\.")).subList(0, parts));
    }

    private Grant grant(String name, String token, String from) {
        secrets.learn(token);
        Map<String, String> values = new LinkedHashMap<>(settings.values());
        values.put(name, token);
        return new Grant(values, token, from);
    }

    private String advice() {
        if (settings.isExchange()) {
            return "a token that has ended cannot be exchanged: get a new one from the vendor and give it to"
                    + " 'caravan credentials put %s token', or where it is set".formatted(connection);
        }
        return settings.isRefreshToken()
                ? "the refresh token is no longer accepted: run 'caravan login %s'".formatted(connection)
                : "the credential is no longer accepted: check it, and the clock of this machine";
    }

    private Tokens hold(Tokens tokens) {
        if (tokens.access() != null) {
            secrets.learn(tokens.access());
        }
        if (tokens.refresh() != null) {
            secrets.learn(tokens.refresh());
        }
        held = tokens;
        return tokens;
    }

    /** Returns what is kept of these settings, or of a login. */
    private Optional<Tokens> stored() {
        return kept().filter(
                        each -> each.origin().equals(origin) || each.origin().equals(loginOrigin(settings)));
    }

    private Optional<Tokens> kept() {
        return store.read(connection, STORED).flatMap(Tokens::read);
    }

    private List<String> missing() {
        return settings.missing(settings.seed() == null && settings.isRefreshToken() && isStored());
    }

    private boolean isStored() {
        return held != null
                || store.entries().stream()
                        .anyMatch(each -> each.connection().equals(connection)
                                && each.name().equals(STORED));
    }

    @Override
    public boolean configured() {
        return settings.optional() || missing().isEmpty();
    }

    @Override
    public Set<String> secrets() {
        return secrets.all();
    }

    private static Set<String> secretsOf(TokenSettings settings) {
        Set<String> all = new LinkedHashSet<>();
        settings.values().forEach((name, value) -> {
            if (Redaction.isSecret(name)) {
                all.add(value);
            }
        });
        if (settings.values().containsKey("client-secret")) {
            all.add(TokenEndpoint.clientPair(settings.values()));
        }
        String seed = settings.seed();
        if (seed != null) {
            all.add(seed);
        }
        Assertion assertion = settings.assertion();
        if (assertion != null) {
            all.addAll(assertion.secrets());
        }
        all.addAll(settings.headers().values());
        settings.each((name, value) -> {
            if (!PUBLIC_NAMES.contains(name.toLowerCase(Locale.ROOT)) && !value.contains("${")) {
                all.add(value);
            }
        });
        return all;
    }

    /** Tells settings apart: a token that came of others is not theirs. First the endpoint, then the seed. */
    private static String origin(TokenSettings settings) {
        Map<String, String> all = new TreeMap<>(settings.values());
        all.put("@type", settings.type());
        settings.each((name, value) -> all.put("@" + name, value));
        Assertion assertion = settings.assertion();
        if (assertion != null) {
            all.put("@claims", assertion.claims().toString());
        }
        return String.join(
                ".", hash(String.valueOf(settings.url())), hash(String.valueOf(settings.seed())), hash(all.toString()));
    }

    /** Of tokens that a person's login brought. */
    static String loginOrigin(TokenSettings settings) {
        return hash(String.valueOf(settings.url())) + ".login";
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "TokenAuth[%s, %s]".formatted(settings.type(), settings.to());
    }
}
