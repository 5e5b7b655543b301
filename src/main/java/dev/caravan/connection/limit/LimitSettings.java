package dev.caravan.connection.limit;

import java.util.List;

/**
 * All that bounds the requests of one connection.
 *
 * @param quotas each bounds the requests that it matches; at least one
 * @param inFlight requests open at once, at least 1
 * @param weights what requests cost whose streams do not say it; the first that matches counts
 * @param breaker when nothing is asked because the vendor is down
 * @param adapt whether what answers say in the usual headers bounds the requests too, see
 *     {@link dev.caravan.connection.outcome.RateHeaders}
 */
public record LimitSettings(
        List<Quota> quotas, int inFlight, List<WeightRule> weights, BreakerSettings breaker, boolean adapt) {
    public LimitSettings {
        quotas = List.copyOf(quotas);
        weights = List.copyOf(weights);
        if (quotas.isEmpty()) {
            throw new IllegalArgumentException("A limiter has at least one quota");
        }
        if (inFlight < 1) {
            throw new IllegalArgumentException("in-flight=%d is not at least 1".formatted(inFlight));
        }
    }

    /** Returns the plainest limits: without weights, breaker and adaptation. */
    static LimitSettings of(List<Quota> quotas, int inFlight) {
        return new LimitSettings(quotas, inFlight, List.of(), BreakerSettings.NEVER, false);
    }

    /** Returns what a request costs whose stream does not say it. */
    public double weight(String method, String path) {
        return weights.stream()
                .filter(rule -> rule.match().fits(method, path))
                .mapToDouble(WeightRule::weight)
                .findFirst()
                .orElse(1);
    }
}
