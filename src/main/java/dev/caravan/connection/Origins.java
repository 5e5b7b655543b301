package dev.caravan.connection;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a connection may send requests: to its own scheme, host and port, and to hosts it allows by name.
 *
 * <p>Addresses that answers name ({@code next} links) pass here before they are asked. A host that is only allowed through a
 * wildcard must not lead into a private network; the connection's own host, and one allowed in full, may be anywhere.
 * Immutable.
 */
public final class Origins {
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?[A-Za-z0-9_.-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?");

    private final URI own;
    private final List<String> hosts;
    private final Resolver resolver;

    /** Finds the addresses of a name. */
    public interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /**
     * @param own the connection's address
     * @param hosts further hosts: {@code files.example.com}, {@code files.example.com:8443} or {@code *.example.com}
     * @throws IllegalArgumentException if one of them is not written so
     */
    public Origins(URI own, Collection<String> hosts, Resolver resolver) {
        if (!isWeb(own) || own.getHost() == null) {
            throw new IllegalArgumentException(
                    "url: '%s' is not the address of a server, write https://api.example.com/v1"
                            .formatted(Redaction.BY_NAME.uri(own)));
        }
        if (own.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "url: a password does not belong into an address, use auth: {type: basic}");
        }
        for (String host : hosts) {
            if (!HOST.matcher(host).matches()) {
                throw new IllegalArgumentException(
                        "hosts: '%s' is not a host, write files.example.com or *.example.com".formatted(host));
            }
        }
        this.own = own;
        this.hosts = hosts.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList();
        this.resolver = resolver;
    }

    /**
     * Returns {@code uri}, taken from the connection's own address if it is relative, if it may be asked.
     *
     * @throws ForeignOriginException if not
     */
    public URI checkReference(URI uri) {
        return check(Uris.resolve(own, uri));
    }

    /** Tells whether {@code uri} has the connection's own scheme, host and port: only there may its credential go. */
    public boolean isOwn(URI uri) {
        return isWeb(uri)
                && own.getScheme().equalsIgnoreCase(uri.getScheme())
                && own.getHost().equalsIgnoreCase(uri.getHost())
                && port(own) == port(uri);
    }

    /**
     * Returns {@code uri} if it may be asked.
     *
     * @throws ForeignOriginException if not
     */
    public URI check(URI uri) {
        String shown = shown(uri);
        if (!isWeb(uri) || uri.getHost() == null) {
            throw new ForeignOriginException("%s is not an address of the web".formatted(shown));
        }
        if (uri.getRawUserInfo() != null) {
            throw new ForeignOriginException("%s carries a user name".formatted(shown));
        }
        if (isOwn(uri)) {
            return uri;
        }
        if (own.getScheme().equalsIgnoreCase("https") && !uri.getScheme().equalsIgnoreCase("https")) {
            throw new ForeignOriginException("%s is not encrypted, unlike %s".formatted(shown, shown(own)));
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (hosts.contains(host + ":" + port(uri)) || (hosts.contains(host) && isUsualPort(uri))) {
            return uri;
        }
        boolean wildcard = isUsualPort(uri)
                && hosts.stream().anyMatch(each -> each.startsWith("*.") && host.endsWith(each.substring(1)));
        if (!wildcard) {
            throw new ForeignOriginException(
                    "%s is not on %s; if it is the vendor's, add it to hosts".formatted(shown, shown(own)));
        }
        checkPublic(host, shown);
        return uri;
    }

    private void checkPublic(String host, String shown) {
        InetAddress[] addresses;
        try {
            addresses = Addresses.literal(host)
                    .map(each -> new InetAddress[] {each})
                    .orElse(null);
            if (addresses == null) {
                addresses = resolver.resolve(host);
            }
        } catch (UnknownHostException e) {
            throw new ForeignOriginException("%s has no address".formatted(shown));
        }
        for (InetAddress each : addresses) {
            if (!Addresses.isPublic(each)) {
                throw new ForeignOriginException(
                        "%s lies in a private network; if that is meant, add the host to hosts in full"
                                .formatted(shown));
            }
        }
    }

    private static boolean isWeb(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
    }

    private static boolean isUsualPort(URI uri) {
        return port(uri) == ("https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** Returns scheme, host and port only: the rest of a foreign address may be anything. */
    private static String shown(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String host = uri.getHost() == null ? "?" : uri.getHost();
        String shown = uri.getScheme() + "://" + host + port;
        return shown.length() <= 200 ? shown : shown.substring(0, 200) + "…";
    }
}
