package dev.caravan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.auth.AuthSettings;
import dev.caravan.connection.limit.BreakerSettings;
import dev.caravan.connection.limit.LimitSettings;
import dev.caravan.connection.limit.Quota;
import dev.caravan.connection.limit.WeightRule;
import dev.caravan.connection.outcome.OutcomeRule;
import dev.caravan.connection.outcome.RetrySettings;
import dev.caravan.slice.Span;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to talk to a vendor, as its file says it. All streams of an account share what it becomes: one credential, one quota.
 *
 * @param url where paths of streams begin; http or https, without a query
 * @param needs settings beside the credential without which nothing can be pulled, by name; of one that is read, those that
 *     have no value
 * @param hosts further hosts that the vendor answers from; next addresses and {@code url}s of streams may use them
 * @param auth the credential, or a list of kinds of which the first that is configured counts; default none
 * @param headers sent with every request
 * @param quotas limits that all hold; default 10 requests a second
 * @param inFlight requests open at once; default 8
 * @param weights what requests cost of the quotas; default 1 each
 * @param breaker when nothing is asked because the vendor is down; default half of 20 answers, for 30 s
 * @param adapt whether the usual headers, such as X-RateLimit-Remaining, bound the requests; default true
 * @param timeout longest wait for the next bytes of an answer; default 60 s
 * @param deadline longest time for a whole answer, from the request to its last byte; default 5 min
 * @param outcomes what answers of this vendor mean, in order, before the defaults
 * @param retries how often and how long a page is asked for again; default is {@code caravan.retries} times
 * @param tags what every record of this account carries; {@code application.yaml} sets them for each account
 */
public record Connection(
        URI url,
        List<String> needs,
        List<String> hosts,
        AuthSettings auth,
        Map<String, String> headers,
        List<Quota> quotas,
        int inFlight,
        List<WeightRule> weights,
        BreakerSettings breaker,
        boolean adapt,
        Span timeout,
        Span deadline,
        List<OutcomeRule> outcomes,
        RetrySettings retries,
        Map<String, String> tags) {
    private static final List<Quota> DEFAULT_QUOTAS = List.of(Quota.DEFAULT);
    private static final int DEFAULT_IN_FLIGHT = 8;
    private static final Span DEFAULT_TIMEOUT = Span.parse("60s");
    private static final Span DEFAULT_DEADLINE = Span.parse("5m");

    public Connection {
        needs = List.copyOf(needs);
        hosts = List.copyOf(hosts);
        quotas = List.copyOf(quotas);
        weights = List.copyOf(weights);
        outcomes = List.copyOf(outcomes);
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        checkAddress(url);
        checkTokenAddress(url, auth);
        if (inFlight < 1) {
            throw new IllegalArgumentException("in-flight is %d, it is at least 1".formatted(inFlight));
        }
        checkPositive("timeout", timeout);
        checkPositive("deadline", deadline);
    }

    private static void checkPositive(String setting, Span span) {
        if (span.toDuration().isZero()) {
            throw new IllegalArgumentException("%s is %s, write a length such as 60s".formatted(setting, span));
        }
    }

    @JsonCreator
    static Connection of(
            @JsonProperty("url") @Nullable URI url,
            @JsonProperty("needs") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<String> needs,
            @JsonProperty("hosts") @Nullable List<String> hosts,
            @JsonProperty("auth") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<AuthSettings> auth,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("quotas") @Nullable List<Quota> quotas,
            @JsonProperty("in-flight") @Nullable Integer inFlight,
            @JsonProperty("weights") @Nullable List<WeightRule> weights,
            @JsonProperty("breaker") @Nullable BreakerSettings breaker,
            @JsonProperty("adapt") @Nullable Boolean adapt,
            @JsonProperty("timeout") @Nullable Span timeout,
            @JsonProperty("deadline") @Nullable Span deadline,
            @JsonProperty("outcomes") @Nullable List<OutcomeRule> outcomes,
            @JsonProperty("retries") @Nullable RetrySettings retries,
            @JsonProperty("tags") @Nullable Map<String, String> tags) {
        if (url == null) {
            throw new IllegalArgumentException("a connection needs a 'url' such as https://api.example.com/v1");
        }
        return new Connection(
                url,
                needs == null ? List.of() : needs,
                hosts == null ? List.of() : hosts,
                auth == null ? AuthSettings.none() : AuthSettings.firstOf(auth),
                headers == null ? Map.of() : headers,
                quotas == null || quotas.isEmpty() ? DEFAULT_QUOTAS : quotas,
                inFlight == null ? DEFAULT_IN_FLIGHT : inFlight,
                weights == null ? List.of() : weights,
                breaker == null ? BreakerSettings.USUAL : breaker,
                adapt == null || adapt,
                timeout == null ? DEFAULT_TIMEOUT : timeout,
                deadline == null ? DEFAULT_DEADLINE : deadline,
                outcomes == null ? List.of() : outcomes,
                retries == null ? RetrySettings.USUAL : retries,
                tags == null ? Map.of() : tags);
    }

    /**
     * Checks an address that paths are appended to.
     *
     * @throws IllegalArgumentException if it is not http or https with a host, or carries a query or a user
     */
    static void checkAddress(URI url) {
        if (!List.of("http", "https").contains(Objects.requireNonNullElse(url.getScheme(), ""))
                || url.getHost() == null
                || url.getRawQuery() != null
                || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException("url '%s' is not of the form https://api.example.com/v1".formatted(url));
        }
    }

    /** What is asked over an encrypted connection is worth an encrypted one for its key. */
    private static void checkTokenAddress(URI url, AuthSettings auth) {
        auth.tokenUrls().stream()
                .filter(tokens ->
                        url.getScheme().equals("https") && !tokens.getScheme().equals("https"))
                .findFirst()
                .ifPresent(tokens -> {
                    throw new IllegalArgumentException("auth.url '%s://%s' is not encrypted, unlike url; write https"
                            .formatted(tokens.getScheme(), tokens.getHost()));
                });
    }

    /** Returns this with an account's tags over its own. */
    public Connection withTags(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(tags);
        all.putAll(more);
        return new Connection(
                url, needs, hosts, auth, headers, quotas, inFlight, weights, breaker, adapt, timeout, deadline,
                outcomes, retries, all);
    }

    /** Returns all that bounds its requests. */
    public LimitSettings limits() {
        return new LimitSettings(quotas, inFlight, weights, breaker, adapt);
    }
}
