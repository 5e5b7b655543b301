package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.connection.outcome.Outcome;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.connection.outcome.VendorMessage;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks one token endpoint, and tells tokens from errors. Keeps nothing; safe for any number of threads. */
final class TokenEndpoint {
    private static final List<JsonPath> CODES = Stream.of(
                    "$.error.code", "$.error.type", "$.error", "$.status", "$.code")
            .map(JsonPath::parse)
            .toList();

    private static final JsonPath DESCRIPTION = JsonPath.parse("$.error_description");
    /** Errors that heal by themselves; of RFC 6749, OpenID, Google and Slack. */
    private static final Set<String> TRANSIENT = Set.of(
            "temporarily_unavailable",
            "server_error",
            "internal_failure",
            "internal_error",
            "fatal_error",
            "request_timeout",
            "service_unavailable",
            "slow_down",
            "ratelimited",
            "rate_limited");
    /** Errors that mean: what the token was asked with is no longer accepted. RFC 6749, Slack, HubSpot. */
    private static final Set<String> DEAD =
            Set.of("invalid_grant", "invalid_refresh_token", "bad_refresh_token", "token_revoked", "token_expired");

    private static final long FIRST_EPOCH = 1_000_000_000L;
    private static final long FIRST_EPOCH_MILLIS = 1_000_000_000_000L;

    private final TokenSettings settings;
    private final TokenTransport transport;
    private final Redaction redaction;
    private final Clock clock;

    TokenEndpoint(TokenSettings settings, TokenTransport transport, Redaction redaction, Clock clock) {
        this.settings = settings;
        this.transport = transport;
        this.redaction = redaction;
        this.clock = clock;
    }

    /** What was asked with is no longer accepted, and asking again is of no use. */
    static final class DeadGrantException extends CredentialException {
        DeadGrantException(String message) {
            super(Remedy.STOP, message);
        }
    }

    /**
     * Asks for tokens with what the settings say.
     *
     * @param values what expressions stand for
     * @throws DeadGrantException if what they hold is no longer accepted
     * @throws CredentialException if there is no token, with the remedy
     */
    Answer ask(Map<String, String> values) {
        return ask(address(values), settings.method(), filled(settings.body(), values), headers(values));
    }

    /** Asks the same endpoint with other fields, for a login. Empty ones are left out. */
    Answer ask(URI address, Map<String, String> fields) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        fields.forEach((name, value) -> {
            if (!value.isEmpty()) {
                body.put(name, value);
            }
        });
        return ask(address, "POST", body, headers(settings.values()));
    }

    private Answer ask(URI address, String method, ObjectNode body, Map<String, String> headers) {
        Request request = new Request(method, address, headers, body.isEmpty() ? null : bytes(body));
        String asked = "token endpoint " + method + " " + withoutQuery(address);
        try {
            return transport.send(request);
        } catch (IOException e) {
            Outcome.Failure failure = new Outcomes(List.of(), redaction, clock).judge(e);
            throw new CredentialException(failure.remedy(), asked + " did not answer: " + failure.message(), null, e);
        }
    }

    /**
     * Returns the tokens in {@code answer}.
     *
     * @param origin of the settings they are for
     * @throws CredentialException if it has none
     */
    Tokens tokens(Answer answer, String origin) {
        Instant now = clock.instant();
        Optional<String> access = settings.answer().token().in(answer);
        if (answer.status() / 100 != 2 || access.isEmpty() || saysNo(answer)) {
            throw refused(answer);
        }
        return new Tokens(
                access.get(),
                expiry(answer, now),
                settings.answer().refresh().in(answer).orElse(null),
                now,
                origin);
    }

    /** Some answer 200 to everything and say inside whether it is meant. */
    private static boolean saysNo(Answer answer) {
        return JsonPath.parse("$.ok")
                .textIn(answer.body())
                .filter("false"::equals)
                .isPresent();
    }

    private @Nullable Instant expiry(Answer answer, Instant now) {
        Optional<String> said = settings.answer().expires().in(answer);
        if (said.isPresent()) {
            return instant(said.get(), now);
        }
        var validFor = settings.validFor();
        return validFor == null ? null : now.plus(validFor.toDuration());
    }

    /** Reads seconds from now, an epoch in seconds or milliseconds, or a time; 0 means never. */
    private static @Nullable Instant instant(String text, Instant now) {
        if (text.matches("-?\\d{1,17}(\\.\\d{0,9})?")) {
            long number = Long.parseLong(text.split("\\.", 2)[0]);
            if (number <= 0) {
                return null;
            }
            return number < FIRST_EPOCH
                    ? now.plusSeconds(number)
                    : number < FIRST_EPOCH_MILLIS ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
        }
        try {
            return java.time.OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    CredentialException refused(Answer answer) {
        String code = code(answer);
        String lower = code.toLowerCase(Locale.ROOT);
        String said = said(answer, code);
        String message = "token endpoint %s %s answered HTTP %d%s"
                .formatted(
                        settings.method(),
                        withoutQuery(Objects.requireNonNull(settings.url())),
                        answer.status(),
                        said.isEmpty() ? "" : ": " + said);
        if (TRANSIENT.contains(lower)) {
            return new CredentialException(Remedy.RETRY, message, wait(answer), null);
        }
        if (DEAD.contains(lower)) {
            return new DeadGrantException(message);
        }
        if (answer.status() / 100 == 2) {
            return new CredentialException(
                    Remedy.STOP,
                    "%s: no token at %s; say where it is with answer: {token: $.…}"
                            .formatted(message, settings.answer().token()));
        }
        if (answer.status() / 100 == 3) {
            return new CredentialException(Remedy.STOP, message + "; redirects are not followed: check auth.url");
        }
        if (answer.status() == 404) {
            return new CredentialException(Remedy.STOP, message + "; check its address, and the account that it names");
        }
        Outcome outcome = new Outcomes(List.of(), redaction, clock).judge(answer);
        boolean heals = outcome instanceof Outcome.Failure failure
                && (failure.remedy() == Remedy.RETRY || failure.remedy() == Remedy.WAIT_UNTIL);
        return heals
                ? new CredentialException(Remedy.RETRY, message, wait(answer), null)
                : new CredentialException(
                        Remedy.STOP,
                        message
                                + (settings.isExchange()
                                        ? "; check the credential; a token that has ended cannot be exchanged, get a new one"
                                        : "; check the credential and its rights"));
    }

    private @Nullable Duration wait(Answer answer) {
        return new Outcomes(List.of(), redaction, clock).judge(answer) instanceof Outcome.Failure failure
                ? failure.retryAfter().orElse(null)
                : null;
    }

    /** Returns the word by which the vendor names an error, empty if there is none. */
    static String code(Answer answer) {
        return CODES.stream()
                .map(place -> place.textIn(answer.body()))
                .flatMap(Optional::stream)
                .filter(text -> text.matches("[A-Za-z_]{3,60}"))
                .findFirst()
                .orElse("");
    }

    private String said(Answer answer, String code) {
        String message = DESCRIPTION
                .textIn(answer.body())
                .map(text -> VendorMessage.shown(text, redaction))
                .orElseGet(() -> VendorMessage.in(answer.body(), redaction));
        return code.isEmpty() || message.contains(code) ? message : "%s (%s)".formatted(code, message);
    }

    private URI address(Map<String, String> values) {
        Request request = new Request("GET", Objects.requireNonNull(settings.url(), "no token url"), Map.of(), null);
        for (Map.Entry<String, String> each : settings.query().entrySet()) {
            String value = TokenSettings.filled(each.getValue(), values);
            if (!value.isEmpty()) {
                request = request.withQuery(each.getKey(), value);
            }
        }
        return request.uri();
    }

    private Map<String, String> headers(Map<String, String> values) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("User-Agent", "caravan");
        headers.put("Accept", "application/json");
        if (!settings.method().equals("GET")) {
            headers.put("Content-Type", settings.json() ? "application/json" : "application/x-www-form-urlencoded");
        }
        if (settings.basic()) {
            headers.put("Authorization", "Basic " + clientPair(settings.values()));
        }
        settings.tokenHeaders().forEach((name, value) -> {
            headers.keySet().removeIf(name::equalsIgnoreCase);
            headers.put(name, TokenSettings.filled(value, values));
        });
        return headers;
    }

    /** Encoded twice, as RFC 6749 section 2.3.1 wants it. */
    static String clientPair(Map<String, String> values) {
        String pair = URLEncoder.encode(values.getOrDefault("client-id", ""), StandardCharsets.UTF_8) + ":"
                + URLEncoder.encode(values.getOrDefault("client-secret", ""), StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Fills expressions; a text that one of them leaves empty is left out. */
    private static ObjectNode filled(ObjectNode node, Map<String, String> values) {
        ObjectNode filled = JsonNodeFactory.instance.objectNode();
        node.properties().forEach(field -> {
            JsonNode value = filledNode(field.getValue(), values);
            if (!value.isTextual() || !value.asText().isEmpty()) {
                filled.set(field.getKey(), value);
            }
        });
        return filled;
    }

    private static JsonNode filledNode(JsonNode node, Map<String, String> values) {
        if (node instanceof ObjectNode object) {
            return filled(object, values);
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> filled.add(filledNode(element, values)));
            return filled;
        }
        return node.isTextual() ? TextNode.valueOf(TokenSettings.filled(node.asText(), values)) : node;
    }

    private byte[] bytes(ObjectNode body) {
        if (settings.json()) {
            try {
                return StrictJson.mapper().writeValueAsBytes(body);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("A tree can be written", e);
            }
        }
        List<String> pairs = new ArrayList<>();
        body.properties()
                .forEach(field -> pairs.add(Uris.encodeQuery(field.getKey()) + "="
                        + Uris.encodeQuery(field.getValue().asText())));
        return String.join("&", pairs).getBytes(StandardCharsets.UTF_8);
    }

    static String withoutQuery(URI uri) {
        String text = uri.toString();
        return text.contains("?") ? text.substring(0, text.indexOf('?')) : text;
    }
}
