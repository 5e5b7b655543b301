package dev.caravan.connection.outcome;

import dev.caravan.connection.Answer;
import dev.caravan.connection.DeadlineException;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.outcome.Outcome.Failure;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathSearch;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;

/**
 * Decides what an answer means: by the vendor's rules in their order, then by what HTTP says.
 *
 * <p>Without a rule: 2xx is data and 204 the end of it, 304 unchanged; 408, 409, 425, 429 and 5xx may heal; 403 and 429 that
 * say when the quota is filled again, or carry Retry-After, wait for that; 401 renews the credential; everything else stops. What calls itself a success
 * and is no whole data may heal too: 202, 206, an empty body, and a page of HTML, as networks with a sign-in page send it.
 * Immutable; safe for any number of threads.
 */
public final class Outcomes {
    private static final Outcome ACCEPT = new Outcome.Accept();
    private static final Outcome UNCHANGED = new Outcome.Unchanged();
    private static final int LONGEST_START = 200;
    private static final String WRONG_CREDENTIAL = "the credential is missing, wrong or expired";

    /** 420 and 430 are what some vendors write for 429. */
    private static final Set<Integer> THROTTLED = Set.of(420, 429, 430);

    /** Where bodies of errors say how long to wait: Google's RetryInfo, Discord, Telegram. */
    private static final PathSearch SAID = new PathSearch(List.of(
            JsonPath.parse("$.error.details[*].retryDelay"),
            JsonPath.parse("$.retry_after"),
            JsonPath.parse("$.parameters.retry_after")));

    private static final List<JsonPath> ERRORS = List.of(JsonPath.parse("$.error"), JsonPath.parse("$.errors"));
    /** What vendors write there when all is well. */
    private static final Set<String> NO_ERROR = Set.of("", "false", "0", "[]", "{}", "null");

    private final List<OutcomeRule> rules;
    private final PathSearch search;
    private final Redaction redaction;
    private final Clock clock;

    /** @param redaction knows the connection's secrets: vendors repeat them in their errors */
    public Outcomes(List<OutcomeRule> rules, Redaction redaction, Clock clock) {
        this.rules = List.copyOf(rules);
        this.search =
                new PathSearch(this.rules.stream().flatMap(OutcomeRule::paths).toList());
        this.redaction = redaction;
        this.clock = clock;
    }

    /** Returns this with rules that come before its own, such as those of one stream. */
    public Outcomes after(List<OutcomeRule> first) {
        if (first.isEmpty()) {
            return this;
        }
        List<OutcomeRule> all = new ArrayList<>(first);
        all.addAll(rules);
        return new Outcomes(all, redaction, clock);
    }

    public Outcome judge(Answer answer) {
        Instant now = clock.instant();
        Facts facts = new Facts(answer, search);
        for (OutcomeRule rule : rules) {
            if (rule.fits(facts)) {
                return rule.then()
                        .remedy()
                        .map(remedy -> ruled(rule, remedy, facts, now))
                        .orElse(ACCEPT);
            }
        }
        return usual(answer, now);
    }

    private Outcome ruled(OutcomeRule rule, Remedy remedy, Facts facts, Instant now) {
        Answer answer = facts.answer();
        WaitSettings settings = rule.waiting();
        Optional<Duration> wait = settings != null
                ? settings.wait(facts, now)
                : remedy == Remedy.RETRY || remedy == Remedy.WAIT_UNTIL ? waitIn(answer, now) : Optional.empty();
        Advice advice = rule.say();
        String hint =
                advice != null ? advice.about(facts, redaction) : remedy == Remedy.REFRESH_AUTH ? WRONG_CREDENTIAL : "";
        return new Failure(remedy, wait.map(Waits::clamped), reason(answer), hint);
    }

    private Outcome usual(Answer answer, Instant now) {
        int status = answer.status();
        Headers headers = answer.headers();
        if (status == 204 || status == 205) {
            return failure(Remedy.END_OF_DATA, answer, "");
        }
        Optional<Duration> wait = waitIn(answer, now);
        if (status >= 200 && status < 300) {
            return successful(answer, wait);
        }
        if (status == 304) {
            return UNCHANGED;
        }
        boolean throttled = THROTTLED.contains(status)
                || (status == 403 && (wait.isPresent() || RateHeaders.isUsedUp(headers, now)));
        if (throttled || status >= 500 || status == 408 || status == 409 || status == 425) {
            return new Failure(Remedy.RETRY, wait, reason(answer), throttled ? "the quota is used up" : "");
        }
        return failure(status == 401 ? Remedy.REFRESH_AUTH : Remedy.STOP, answer, hint(answer));
    }

    private static Optional<Duration> waitIn(Answer answer, Instant now) {
        return Waits.retryAfter(answer.headers(), now)
                .or(() -> RateHeaders.untilReset(answer.headers(), now))
                .or(() -> answer.status() < 300
                        ? Optional.empty()
                        : SAID.in(answer.body()).values().stream()
                                .flatMap(List::stream)
                                .flatMap(text -> Waits.seconds(text).or(() -> Waits.duration(text)).stream())
                                .filter(wait -> !wait.isZero())
                                .max(Duration::compareTo));
    }

    /** What calls itself a success and is no whole data may heal: to take it for data, or for the end, would lose rows. */
    private Outcome successful(Answer answer, Optional<Duration> wait) {
        if (answer.status() == 202) {
            return new Failure(
                    Remedy.RETRY,
                    wait,
                    "HTTP 202, the data is not ready yet",
                    "if this vendor sends data with 202, say so: outcomes: [{status: 202, then: accept}]");
        }
        if (answer.status() == 206) {
            return new Failure(
                    Remedy.RETRY, wait, "HTTP 206 with a part of what was asked for", "no part was asked for");
        }
        if (answer.body().length == 0) {
            return new Failure(
                    Remedy.RETRY,
                    wait,
                    "HTTP %d with an empty body where data was expected".formatted(answer.status()),
                    "if that is how this vendor says that there is nothing, say so:"
                            + " outcomes: [{status: 200, header: {content-length: 0}, then: end-of-data}]");
        }
        return isHtml(answer.body())
                ? Failure.of(
                        Remedy.RETRY,
                        "HTTP %d with a page of HTML where data was expected".formatted(answer.status()),
                        "is there a sign-in page or a proxy between here and the vendor?")
                : ACCEPT;
    }

    /**
     * Looks for an error in a body without records, which would otherwise be taken for the end of the data.
     *
     * @return what the vendor says went wrong; empty if the body has no error, or one of nothing
     */
    public Optional<String> errorIn(byte[] body) {
        return ERRORS.stream()
                .map(place -> place.textIn(body))
                .flatMap(Optional::stream)
                .filter(text -> !NO_ERROR.contains(text.strip()))
                .findFirst()
                .map(text -> VendorMessage.in(body, redaction));
    }

    private String hint(Answer answer) {
        return switch (answer.status()) {
            case 400, 422 -> "the vendor does not take a parameter: compare query and body with its documentation";
            case 401 -> WRONG_CREDENTIAL;
            case 403 -> "the credential may not do this: check its permissions";
            case 404 -> "check path and account; some vendors hide what a credential may not see";
            case 410 -> "this is gone: has the vendor retired the version?";
            default -> answer.status() < 400 ? redirectHint(answer) : "";
        };
    }

    private String redirectHint(Answer answer) {
        return answer.headers()
                .first("location")
                .map(place -> "redirects are not followed: it moved to " + VendorMessage.shown(place, redaction))
                .orElse("redirects are not followed: check url and path");
    }

    private Failure failure(Remedy remedy, Answer answer, String hint) {
        return Failure.of(remedy, reason(answer), hint);
    }

    private String reason(Answer answer) {
        String message = isHtml(answer.body()) ? "a page of HTML" : VendorMessage.in(answer.body(), redaction);
        return "HTTP " + answer.status() + (message.isEmpty() ? "" : ": " + message);
    }

    /** Looks at the first bytes, not at the content type: some vendors send JSON as text/html. */
    private static boolean isHtml(byte[] body) {
        String start = new String(body, 0, Math.min(body.length, LONGEST_START), StandardCharsets.ISO_8859_1)
                .replaceFirst("^(\u00ef\u00bb\u00bf)?\\s*(<!--.*?-->\\s*)?", "")
                .toLowerCase(Locale.ROOT);
        return start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<head");
    }

    /** Decides about a request that got no whole answer: all of these may heal, except a certificate nobody should trust. */
    public Failure judge(IOException failure) {
        String name = failure.getClass().getSimpleName();
        String message = failure.getMessage() == null ? name : name + ": " + failure.getMessage();
        String reason = VendorMessage.shown(message, redaction);
        return Certificates.hint(failure)
                .map(hint -> Failure.of(Remedy.STOP, reason, hint))
                .orElseGet(() -> Failure.of(Remedy.RETRY, reason, hint(failure)));
    }

    private static String hint(IOException failure) {
        if (failure instanceof DeadlineException) {
            return "ask for smaller pages, or raise 'deadline' of the connection if the vendor is that slow";
        }
        if (failure instanceof UnknownHostException) {
            return "check the host in 'url', and whether this machine can look up names";
        }
        if (failure instanceof ConnectException) {
            return "nothing answers there: check host and port of 'url', and whether a firewall is in the way";
        }
        if (failure instanceof SocketTimeoutException) {
            return "nothing came for that long: raise 'timeout' of the connection if the vendor is that slow";
        }
        if (failure instanceof SSLException) {
            return "no encrypted connection came about: check scheme and port of 'url'";
        }
        if (failure instanceof ZipException) {
            return "what arrived is damaged or packed in another way than asked for: is a proxy in between?";
        }
        return "the connection broke off: if it goes on, ask for smaller pages, and look for a proxy in between";
    }
}
