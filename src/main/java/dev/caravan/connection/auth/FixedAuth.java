package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A credential that does not change while the application runs.
 *
 * @param places where it goes, each with what goes there
 * @param missing the blank setting, empty if nothing is missing
 * @param optional whether a request goes without a credential that is missing
 */
record FixedAuth(Map<Placement, String> places, Set<String> secrets, String missing, boolean optional) implements Auth {
    FixedAuth {
        places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
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
        for (Map.Entry<Placement, String> each : places.entrySet()) {
            authorized = each.getKey().put(authorized, each.getValue());
        }
        return authorized;
    }

    @Override
    public boolean configured() {
        return missing.isEmpty() || optional;
    }

    @Override
    public String toString() {
        return "FixedAuth" + places.keySet();
    }
}
