package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What certain requests cost, for streams that do not say it themselves: {@code {match: {method: POST}, weight: 5}}.
 *
 * @param weight units of each quota, above 0
 */
public record WeightRule(RequestMatch match, double weight) {
    public WeightRule {
        check(weight);
    }

    @JsonCreator
    static WeightRule of(
            @JsonProperty("match") @Nullable RequestMatch match, @JsonProperty("weight") @Nullable Double weight) {
        if (match == null || weight == null) {
            throw new IllegalArgumentException("weights: write {match: {path: /search}, weight: 5}");
        }
        return new WeightRule(match, weight);
    }

    /** @throws IllegalArgumentException if nothing can weigh so much */
    public static void check(double weight) {
        if (!(weight > 0) || weight > 1_000_000) {
            throw new IllegalArgumentException("weight: %s is not above 0 and at most 1000000".formatted(weight));
        }
    }
}
