package dev.caravan.definition;

import java.util.Map;

/**
 * One account at a vendor, as {@code application.yaml} declares it.
 *
 * @param connection its name, the first part of its streams' ids
 * @param tags what every record, path and meter of it carries
 */
public record Account(String connection, Map<String, String> tags) {
    public Account {
        tags = Map.copyOf(tags);
    }
}
