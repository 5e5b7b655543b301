package dev.caravan.sandbox;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The vendors that the sandbox imitates, by their hosts. */
final class Vendors {
    private static final Map<String, BiFunction<VendorFile, SandboxOptions, Imitation>> PLUG_INS = Map.ofEntries(
            Map.entry("facebook-marketing", MetaApi::new),
            Map.entry("github", GitHubApi::new),
            Map.entry("gmail", GmailApi::new),
            Map.entry("google-ads", GoogleAdsApi::new),
            Map.entry("google-sheets", GoogleSheetsApi::new),
            Map.entry("hubspot", HubSpotApi::new),
            Map.entry("mautic", MauticApi::new),
            Map.entry("open-meteo", OpenMeteoApi::new),
            Map.entry("s3", S3Api::new),
            Map.entry("shopify", ShopifyApi::new),
            Map.entry("slack", SlackApi::new),
            Map.entry("stripe", StripeApi::new));

    private final Map<String, Imitation> byHost;
    private final Map<String, String> hosts;

    private Vendors(Map<String, Imitation> byHost, Map<String, String> hosts) {
        this.byHost = Map.copyOf(byHost);
        this.hosts = Map.copyOf(hosts);
    }

    static Vendors read(SandboxOptions options) {
        Map<String, Imitation> byHost = new HashMap<>();
        Map<String, String> hosts = new HashMap<>();
        PLUG_INS.forEach((vendor, plugIn) -> {
            Imitation imitation = plugIn.apply(VendorFile.read(vendor, options.rows(), options.clock()), options);
            imitation.file().hosts().forEach(host -> byHost.put(host, imitation));
            hosts.put(vendor, imitation.file().hosts().get(0));
        });
        Path recordings = options.recordings();
        if (recordings != null) {
            byHost.putAll(RecordedApi.read(recordings));
        }
        return new Vendors(byHost, hosts);
    }

    Optional<Imitation> find(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Imitation imitation = byHost.get(name);
        return Optional.ofNullable(
                imitation == null ? byHost.get("*" + name.substring(Math.max(0, name.indexOf('.')))) : imitation);
    }

    /** The first host of a vendor. */
    Optional<String> host(String vendor) {
        return Optional.ofNullable(hosts.get(vendor));
    }

    Imitation require(String host) {
        return find(host)
                .orElseThrow(() -> new IllegalArgumentException("The sandbox does not imitate host '%s'; it imitates %s"
                        .formatted(
                                host,
                                String.join(
                                        ", ", byHost.keySet().stream().sorted().toList()))));
    }

    /** How often requests were refused so far, by host and error. */
    Map<String, Long> refused() {
        Map<String, Long> refused = new TreeMap<>();
        byHost.forEach((host, vendor) ->
                vendor.file().refused().forEach((error, count) -> refused.put(host + " " + error, count)));
        return refused;
    }

    void reset() {
        Set<Imitation> all = new LinkedHashSet<>(byHost.values());
        all.forEach(Imitation::reset);
    }
}
