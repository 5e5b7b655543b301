package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.util.Map;
import java.util.Set;

/**
 * A credential that does not change while the application runs.
 *
 * @param headers what it adds to the headers
 * @param query what it adds to the query
 * @param missing the blank setting, empty if nothing is missing
 * @param optional whether a request goes without a credential that is missing
 */
record FixedAuth(
        Map<String, String> headers, Map<String, String> query, Set<String> secrets, String missing, boolean optional)
        implements Auth {
    FixedAuth {
        headers = Map.copyOf(headers);
        query = Map.copyOf(query);
        secrets = Set.copyOf(secrets);
    }

    @Override
    public Request authorize(Request request) {
        if (!missing.isEmpty()) {
            if (optional) {
                return request;
            }
            throw new CredentialMissingException(missing);
        }
        Request authorized = request;
        for (Map.Entry<String, String> each : headers.entrySet()) {
            authorized = authorized.withHeader(each.getKey(), each.getValue());
        }
        for (Map.Entry<String, String> each : query.entrySet()) {
            authorized = authorized.withQuery(each.getKey(), each.getValue());
        }
        return authorized;
    }

    @Override
    public boolean configured() {
        return missing.isEmpty() || optional;
    }

    @Override
    public String toString() {
        return "FixedAuth[headers=%s, query=%s]".formatted(headers.keySet(), query.keySet());
    }
}
