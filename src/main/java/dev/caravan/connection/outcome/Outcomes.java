package dev.caravan.connection.outcome;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.outcome.Outcome.Failure;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Decides what an answer means: by the vendor's rules in their order, then by what HTTP says.
 *
 * <p>Without a rule: 2xx is data and 204 the end of it, 304 unchanged; 408, 409, 425, 429 and 5xx may heal; 403 and 429 that
 * say when the quota is filled again, or carry Retry-After, wait for that; everything else stops. A page of HTML where data was
 * expected, as networks with a sign-in page send it with status 200, may heal too. Immutable; safe for any number of threads.
 */
public final class Outcomes {
    private static final Outcome ACCEPT = new Outcome.Accept();
    private static final Outcome UNCHANGED = new Outcome.Unchanged();
    private static final int LONGEST_START = 200;

    private final List<OutcomeRule> rules;
    private final Redaction redaction;
    private final Clock clock;

    /** @param redaction knows the connection's secrets: vendors repeat them in their errors */
    public Outcomes(List<OutcomeRule> rules, Redaction redaction, Clock clock) {
        this.rules = List.copyOf(rules);
        this.redaction = redaction;
        this.clock = clock;
    }

    public Outcome judge(Answer answer) {
        Instant now = clock.instant();
        for (OutcomeRule rule : rules) {
            if (rule.fits(answer)) {
                return rule.then()
                        .remedy()
                        .map(remedy -> ruled(rule, remedy, answer, now))
                        .orElse(ACCEPT);
            }
        }
        return usual(answer, now);
    }

    private Outcome ruled(OutcomeRule rule, Remedy remedy, Answer answer, Instant now) {
        WaitSettings settings = rule.waiting();
        Optional<Duration> wait = settings != null
                ? settings.wait(answer, now)
                : remedy == Remedy.RETRY || remedy == Remedy.WAIT_UNTIL
                        ? Waits.retryAfter(answer.headers(), now).or(() -> Waits.untilReset(answer.headers(), now))
                        : Optional.empty();
        return new Failure(remedy, wait.map(Waits::clamped), reason(answer), "");
    }

    private Outcome usual(Answer answer, Instant now) {
        int status = answer.status();
        Headers headers = answer.headers();
        if (status == 204 || status == 205) {
            return failure(Remedy.END_OF_DATA, answer, "");
        }
        if (status >= 200 && status < 300) {
            return isHtml(answer.body())
                    ? Failure.of(
                            Remedy.RETRY,
                            "HTTP %d with a page of HTML where data was expected".formatted(status),
                            "is there a sign-in page or a proxy between here and the vendor?")
                    : ACCEPT;
        }
        if (status == 304) {
            return UNCHANGED;
        }
        Optional<Duration> wait = Waits.retryAfter(headers, now).or(() -> Waits.untilReset(headers, now));
        boolean throttled = status == 429 || (status == 403 && (wait.isPresent() || Waits.isUsedUp(headers)));
        if (throttled || status >= 500 || status == 408 || status == 409 || status == 425) {
            return new Failure(Remedy.RETRY, wait, reason(answer), throttled ? "the quota is used up" : "");
        }
        return failure(Remedy.STOP, answer, hint(answer));
    }

    private String hint(Answer answer) {
        return switch (answer.status()) {
            case 400, 422 -> "the vendor does not take a parameter: compare query and body with its documentation";
            case 401 -> "the credential is missing, wrong or expired";
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
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof CertificateException
                    || each instanceof CertPathValidatorException
                    || each instanceof SSLPeerUnverifiedException) {
                return Failure.of(
                        Remedy.STOP,
                        VendorMessage.shown(message, redaction),
                        "the server's certificate is not trusted: check url, clock and trust store");
            }
        }
        return Failure.of(Remedy.RETRY, VendorMessage.shown(message, redaction), "");
    }
}
