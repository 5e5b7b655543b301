package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.Connection;
import dev.caravan.Stream;
import java.util.List;
import java.util.Map;

/**
 * One stream of one connection, ready to become a route.
 *
 * @param id stream id and route id, {@code <connection>-<name>}
 * @param name the id without the connection
 * @param vendor name of the file's connection
 * @param connection name of the account
 * @param settings of the connection
 * @param unset names of the settings that its credential lacks, {@code acme.token (ACME_TOKEN)}
 * @param credential names of the settings that its credential is made of, in the same form; none while some are unset
 * @param account names of the settings that it needs beside the credential and has, in the same form
 * @param stream settings of the stream, the connection's defaults included
 * @param template the route template it instantiates; empty for a plain route of the file
 * @param parameters template parameters that the file sets itself
 * @param source the stream's own settings as written, placeholders unfilled
 * @param file where it comes from
 * @param line where it begins there
 */
public record StreamDefinition(
        String id,
        String name,
        String vendor,
        String connection,
        Connection settings,
        List<String> unset,
        List<String> credential,
        List<String> account,
        Stream stream,
        String template,
        Map<String, String> parameters,
        JsonNode source,
        String file,
        int line) {
    public StreamDefinition {
        unset = List.copyOf(unset);
        credential = List.copyOf(credential);
        account = List.copyOf(account);
        parameters = Map.copyOf(parameters);
    }

    /** Whether this pulls as another does, wherever in its file each of them is. */
    public boolean pullsAs(StreamDefinition other) {
        return id.equals(other.id)
                && name.equals(other.name)
                && vendor.equals(other.vendor)
                && connection.equals(other.connection)
                && settings.equals(other.settings)
                && stream.equals(other.stream)
                && template.equals(other.template)
                && parameters.equals(other.parameters);
    }
}
