package dev.caravan.connection.auth;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Several ways to show who a connection is, of which the first counts that has everything it needs: a vendor that takes a token of
 * its own and OAuth alike is one file for those who have the one or the other.
 *
 * @param ways in the order in which they are looked at; at least two
 */
record ChosenAuthSettings(List<AuthSettings> ways) implements AuthSettings {
    ChosenAuthSettings {
        ways = List.copyOf(ways);
        if (ways.size() < 2) {
            throw new IllegalArgumentException(
                    "auth: a list is of two ways or more, of which the first counts that is configured; write one without a list");
        }
    }

    /** Returns the first that is configured; where none is, the first of all, which then says what it lacks. */
    @Override
    public Auth auth(AuthContext context) {
        List<Auth> all = ways.stream().map(each -> each.auth(context)).toList();
        return all.stream().filter(Auth::configured).findFirst().orElse(all.get(0));
    }

    @Override
    public AuthSettings withCredential(String credential) {
        return ways.get(0).withCredential(credential);
    }

    @Override
    public Optional<URI> tokenUrl() {
        return ways.stream().flatMap(each -> each.tokenUrl().stream()).findFirst();
    }

    @Override
    public Optional<LoginSettings> login() {
        return ways.stream().flatMap(each -> each.login().stream()).findFirst();
    }
}
