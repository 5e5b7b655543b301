package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** GitHub's limits: so many requests an hour with and without a token, and a secondary limit a minute. */
final class GitHubLimits {
    private final boolean imposed;
    private final Quota anonymous;
    private final Quota token;
    private final Quota secondary;

    GitHubLimits(JsonNode limits, SandboxOptions options) {
        this.imposed = options.limits();
        this.anonymous = Quota.sinceFirstUse(limits.path("anonymous").asDouble(), Duration.ofHours(1), options.clock());
        this.token = Quota.sinceFirstUse(limits.path("token").asDouble(), Duration.ofHours(1), options.clock());
        this.secondary = Quota.round(limits.path("secondary").asDouble(), Duration.ofMinutes(1), options.clock());
    }

    /** Answers, or refuses where a limit is used up; a 304 to a request with a token is free. */
    Answer spend(boolean withToken, VendorFile file, Supplier<Answer> answers) {
        Quota primary = withToken ? token : anonymous;
        if (!primary.take(1) && imposed) {
            String whom = withToken ? "user ID 1" : "127.0.0.1";
            return headed(file.refuse(new Refusal("rate_limit", Map.of("whom", whom))), primary);
        }
        if (imposed && !secondary.take(1)) {
            primary.giveBack(1);
            return headed(file.refuse(new Refusal("secondary_rate_limit")), primary);
        }
        Answer answer = answers.get();
        if (answer.status() == 304 && withToken) {
            primary.giveBack(1);
        }
        return headed(answer, primary);
    }

    void clear() {
        anonymous.clear();
        token.clear();
        secondary.clear();
    }

    /** Where limits are not imposed, the headers never say that one is used up. */
    private Answer headed(Answer answer, Quota primary) {
        long limit = (long) primary.allowed();
        long left = Math.max(imposed ? 0 : 1, (long) primary.left());
        return answer.with(Map.of(
                "X-RateLimit-Limit", Long.toString(limit),
                "X-RateLimit-Remaining", Long.toString(left),
                "X-RateLimit-Used", Long.toString(limit - left),
                "X-RateLimit-Reset", Long.toString(primary.reset().getEpochSecond() + 1),
                "X-RateLimit-Resource", "core"));
    }
}
