package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * Where a vendor gives tokens for other credentials. Its file says under {@code tokens} at which {@code path}, the {@code client} that
 * it knows, for each of its {@code grants} the fields that must have a certain value, and the {@code answer}:
 *
 * <pre>{@code
 * tokens:
 *   path: /oauth/token
 *   client: {client_id: sandbox-app, client_secret: sandbox-secret}
 *   grants: {refresh_token: {refresh_token: sandbox-refresh}}
 *   answer: {access_token: the credential, expires_in: 3600}
 * }</pre>
 *
 * <p>What is wrong is refused with the vendor's errors {@code token_client}, {@code token_type} and {@code token_grant}.
 */
final class TokenDesk {
    private TokenDesk() {}

    /**
     * Answers a request for a token; empty for every other.
     *
     * @throws Refusal if the client or what it offers is not known
     */
    static Optional<Answer> answer(VendorFile file, Ask ask) {
        JsonNode desk = file.part("tokens");
        if (!desk.path("path").asText("?").equals(ask.path())) {
            return Optional.empty();
        }
        Query form = ask.body().isEmpty() ? ask.query() : ask.form();
        require(desk.path("client"), form, "token_client");
        String type = form.first("grant_type").orElse("");
        if (!desk.path("grants").has(type)) {
            throw new Refusal("token_type", Map.of("type", type));
        }
        require(desk.path("grants").path(type), form, "token_grant");
        return Optional.of(Answer.json(200, JsonBuffer.of(desk.path("answer").toString())));
    }

    private static void require(JsonNode fields, Query form, String error) {
        fields.properties().forEach(field -> {
            if (!form.first(field.getKey()).orElse("").equals(field.getValue().asText())) {
                throw new Refusal(error);
            }
        });
    }
}
