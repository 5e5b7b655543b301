package dev.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The streams of the files in {@code routes/}, with the defaults of their settings. */
public final class ShippedStreams {
    private static final Path ROUTES = Path.of("routes");
    private static final Pattern SETTING = Pattern.compile("\\{\\{[^{}:]*(?::([^{}]*))?}}");

    /** Vendors whose records have the fields that the request names, and not all that the vendor keeps. */
    private static final Set<String> CHOOSING =
            Set.of("facebook-marketing", "google-ads", "hubspot", "open-meteo", "shopify");

    private ShippedStreams() {}

    /** Returns {@code records} of a vendor so that they can be compared with others of it. */
    public static Records comparable(String vendor, Records records) {
        return CHOOSING.contains(vendor) ? records.choosing() : records;
    }

    /** Returns them by id. */
    public static Map<String, StreamDefinition> all() {
        Map<String, StreamDefinition> all = new TreeMap<>();
        VendorFileReader reader = new VendorFileReader(vendor -> List.of(), ShippedStreams::filled, ROUTES);
        try (var files = Files.list(ROUTES)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                VendorFile read = reader.read(file.getFileName().toString(), Files.readString(file));
                assertThat(read.problems()).as(file.toString()).isEmpty();
                read.streams().forEach(stream -> all.put(stream.id(), stream));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** Returns the vendor of a stream, whose file has its name. */
    public static String vendor(String id) {
        String vendor = id;
        while (!Files.isRegularFile(ROUTES.resolve(vendor + ".camel.yaml"))) {
            vendor = vendor.substring(0, vendor.lastIndexOf('-'));
        }
        return vendor;
    }

    /** Returns the host that a stream asks. */
    public static String host(StreamDefinition stream) {
        URI own = stream.stream().url();
        return Objects.requireNonNull((own == null ? stream.settings().url() : own).getHost());
    }

    /** What stands in a file for its settings: their defaults, from within to without. */
    private static String filled(String text) {
        String all = text;
        for (Matcher found = SETTING.matcher(all); found.find(); found = SETTING.matcher(all)) {
            if (found.group(1) == null) {
                throw new IllegalArgumentException("No value for " + found.group());
            }
            all = found.replaceFirst(Matcher.quoteReplacement(found.group(1)));
        }
        return all;
    }
}
