package dev.caravan.record.decode;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What an answer is written in. */
public enum Format {
    JSON("json", "application/json"),
    /** A JSON document on each line. */
    JSON_LINES("json-lines", "application/x-ndjson, application/json;q=0.9, */*;q=0.1"),
    CSV("csv", "text/csv, */*;q=0.1"),
    XML("xml", "application/xml, text/xml;q=0.9, */*;q=0.1");

    private final String yamlName;
    private final String accept;

    Format(String yamlName, String accept) {
        this.yamlName = yamlName;
        this.accept = accept;
    }

    /** Returns the format of the name used in vendor files. */
    @JsonCreator
    public static Format named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.yamlName.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown 'as: %s', use one of %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(each -> each.yamlName)
                                        .collect(Collectors.joining(", ")))));
    }

    /** Returns what a request for it says under {@code Accept}, unless the file says something else. */
    public String accept() {
        return accept;
    }

    @Override
    public String toString() {
        return yamlName;
    }
}
