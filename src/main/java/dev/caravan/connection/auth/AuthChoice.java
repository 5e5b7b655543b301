package dev.caravan.connection.auth;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Several kinds of credential, of which the first that is configured counts: vendors have more than one, and who uses the file
 * has one of them.
 *
 * @param kinds in the order they are looked at
 */
record AuthChoice(List<AuthSettings> kinds) implements AuthSettings {
    AuthChoice {
        kinds = List.copyOf(kinds);
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("auth: the list is empty, write {type: none} or leave it out");
        }
    }

    /** While none is configured, the last one says what is missing: files end with the simplest. */
    @Override
    public Auth auth(AuthContext context) {
        List<Auth> all = kinds.stream().map(each -> each.auth(context)).toList();
        return all.stream().filter(Auth::configured).findFirst().orElse(all.get(all.size() - 1));
    }

    @Override
    public AuthSettings withCredential(String credential) {
        return kinds.get(0).withCredential(credential);
    }

    @Override
    public List<URI> tokenUrls() {
        return kinds.stream().flatMap(each -> each.tokenUrls().stream()).toList();
    }

    @Override
    public Optional<LoginSettings> login() {
        return kinds.stream().flatMap(each -> each.login().stream()).findFirst();
    }

    /** Returns the kind that a person logs in to, the first if there is none. */
    AuthSettings loginKind() {
        return kinds.stream()
                .filter(each -> each.login().isPresent())
                .findFirst()
                .orElse(kinds.get(0));
    }

    @Override
    public String toString() {
        return kinds.toString();
    }
}
