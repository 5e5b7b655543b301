package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A credential that a vendor knows and that lacks a scope or a right. The vendor's file says under {@code lacking} which, what
 * the errors read, and the error for paths that end so; the first that fits counts, and the empty text fits every path:
 *
 * <pre>{@code
 * lacking:
 *   credential: key_without_orders
 *   values: {needed: read_orders}
 *   errors: {/graphql.json: access_denied, "": forbidden}
 * }</pre>
 */
final class Lacking {
    private Lacking() {}

    /** The credential that lacks something; empty text where there is none. */
    static String credential(VendorFile file) {
        return file.part("lacking").path("credential").asText();
    }

    /** @throws Refusal if the request comes with this credential */
    static void refuse(VendorFile file, Ask ask) {
        JsonNode lacking = file.part("lacking");
        String credential = credential(file);
        boolean lacks = Stream.of(
                        ask.credential(),
                        ask.header("X-Shopify-Access-Token"),
                        ask.query().first("access_token"))
                .flatMap(Optional::stream)
                .anyMatch(each -> !each.isEmpty() && each.equals(credential));
        if (lacks) {
            lacking.path("errors").properties().stream()
                    .filter(error -> ask.path().endsWith(error.getKey()))
                    .findFirst()
                    .ifPresent(error -> {
                        Map<String, Object> values = new HashMap<>();
                        lacking.path("values")
                                .properties()
                                .forEach(value -> values.put(
                                        value.getKey(), value.getValue().asText()));
                        throw new Refusal(error.getValue().asText(), values);
                    });
        }
    }
}
