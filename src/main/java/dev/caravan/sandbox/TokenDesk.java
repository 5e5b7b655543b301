package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * Where a vendor gives tokens for other credentials. Its file says under {@code tokens} at which {@code path} (its end, behind a star),
 * the {@code client} that it knows, for each of its {@code grants} the fields that must have a certain value, and the {@code answer}:
 *
 * <pre>{@code
 * tokens:
 *   path: /oauth/token
 *   client: {client_id: sandbox-app, client_secret: sandbox-secret}
 *   rotates: true                          # each refresh token brings the next: sandbox-refresh, sandbox-refresh-1, …
 *   scope: https://example.com/auth/read   # that a service account must ask for, where the vendor knows any
 *   grants: {refresh_token: {refresh_token: sandbox-refresh}}
 *   answer: {access_token: the credential, expires_in: 3600}
 * }</pre>
 *
 * <p>What is wrong is refused with the vendor's errors {@code token_client}, {@code token_type} and {@code token_grant}, and
 * an assertion with those of {@link ServiceAccount}. Safe for any number of threads.
 */
final class TokenDesk {
    private static final String REFRESH = "refresh_token";
    private static final String ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private final JsonNode desk;
    private final String lacking;
    private final Clock clock;
    private final ServiceAccount account = new ServiceAccount();
    private long rotations;

    /** @param lacking the credential that comes of a refresh token which ends with {@code -lacking}, given for other scopes */
    TokenDesk(JsonNode desk, String lacking, Clock clock) {
        this.desk = desk;
        this.lacking = lacking;
        this.clock = clock;
    }

    /** The service account that assertions are taken from. */
    ServiceAccount account() {
        return account;
    }

    synchronized void reset() {
        rotations = 0;
    }

    /**
     * Answers a request for a token; empty for every other.
     *
     * @throws Refusal if the client or what it offers is not known
     */
    Optional<Answer> answer(Ask ask) {
        if (!isHere(ask.path())) {
            return Optional.empty();
        }
        Query form = ask.body().isEmpty() ? ask.query() : ask.form();
        String type = form.first("grant_type").orElse("");
        if (!desk.path("grants").has(type)) {
            throw new Refusal("token_type", Map.of("type", type));
        }
        if (type.equals(ASSERTION)) {
            account.check(
                    form.first("assertion").orElse(""), ask, desk.path("scope").asText(), clock.instant());
            return answered(desk.path("answer"));
        }
        require(desk.path("client"), form, "token_client");
        if (type.equals(REFRESH) && form.first(REFRESH).orElse("").equals(refreshToken(0) + "-lacking")) {
            ObjectNode answer = desk.path("answer").deepCopy();
            return answered(answer.put("access_token", lacking));
        }
        if (type.equals(REFRESH) && desk.path("rotates").asBoolean()) {
            return answered(rotated(form));
        }
        require(desk.path("grants").path(type), form, "token_grant");
        return answered(desk.path("answer"));
    }

    private boolean isHere(String path) {
        String here = desk.path("path").asText("?");
        return here.startsWith("*") ? path.endsWith(here.substring(1)) : here.equals(path);
    }

    /** Each refresh token brings the next, and brings it again, for those who lost the answer, until that one is used. */
    private synchronized ObjectNode rotated(Query form) {
        String offered = form.first(REFRESH).orElse("");
        if (offered.equals(refreshToken(rotations))) {
            rotations++;
        } else if (rotations == 0 || !offered.equals(refreshToken(rotations - 1))) {
            throw new Refusal("token_grant");
        }
        ObjectNode answer = desk.path("answer").deepCopy();
        return answer.put(REFRESH, refreshToken(rotations));
    }

    private String refreshToken(long number) {
        String first = desk.path("grants").path(REFRESH).path(REFRESH).asText();
        return number == 0 ? first : first + "-" + number;
    }

    private static Optional<Answer> answered(JsonNode answer) {
        return Optional.of(Answer.json(200, JsonBuffer.of(answer.toString())));
    }

    private static void require(JsonNode fields, Query form, String error) {
        fields.properties().forEach(field -> {
            if (!form.first(field.getKey()).orElse("").equals(field.getValue().asText())) {
                throw new Refusal(error);
            }
        });
    }
}
