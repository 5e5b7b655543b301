package dev.caravan.camel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.definition.VendorFile;
import java.util.Set;

/**
 * A vendor file as it is in use.
 *
 * @param file what it says
 * @param text its text
 * @param stamp how the file looked when it was read last
 * @param routes ids of its plain routes
 * @param isCopy whether this is the last good copy of a file that is bad
 */
record LoadedFile(VendorFile file, String text, RouteFolder.Stamp stamp, Set<String> routes, boolean isCopy) {
    private static final YAMLMapper YAML = new YAMLMapper();

    LoadedFile {
        routes = Set.copyOf(routes);
    }

    LoadedFile using(VendorFile other, Set<String> own) {
        return new LoadedFile(other, text, stamp, own, isCopy);
    }

    /** Whether what is Camel's in both is the same, wherever it stands. */
    static boolean isSame(String camel, String other) {
        try {
            return camel.equals(other) || YAML.readTree(camel).equals(YAML.readTree(other));
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
