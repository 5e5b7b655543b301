package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions a stream has, as a vendor file says it.
 *
 * <p>{@code of} names the fields of a partition and the characters between them, {@code values} lists the partitions in
 * that form, as a YAML list or as text with commas: {@code {of: owner/repo, values: "octo-org/hello, octo-org/world"}}.
 */
public record PartitionSettings(String of, List<String> values) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    /**
     * Reads the settings of a vendor file.
     *
     * @param of field names with the separators between them, such as {@code owner/repo} or {@code place=lat:lon}
     * @param values a list of texts, or one text with commas
     * @throws IllegalArgumentException if a value does not have the form of {@code of}
     */
    @JsonCreator
    public static PartitionSettings of(
            @JsonProperty("of") @Nullable String of, @JsonProperty("values") @Nullable Object values) {
        if (of == null || of.isBlank() || values == null) {
            throw new IllegalArgumentException(
                    "partitions need 'of' and 'values', such as {of: owner/repo, values: \"a/b, a/c\"}");
        }
        List<String> list = new ArrayList<>();
        for (Object value : values instanceof List<?> many
                ? many
                : List.of(values.toString().split(","))) {
            if (!value.toString().isBlank()) {
                list.add(value.toString().strip());
            }
        }
        PartitionSettings settings = new PartitionSettings(of, List.copyOf(list));
        if (settings.partitions().isEmpty()) {
            throw new IllegalArgumentException("partitions of %s: 'values' is empty".formatted(of));
        }
        return settings;
    }

    /** Returns the partitions in the order of {@link #values}, each once. */
    public List<Partition> partitions() {
        List<String> names = new ArrayList<>();
        StringBuilder form = new StringBuilder();
        Matcher matcher = NAME.matcher(of);
        int end = 0;
        while (matcher.find()) {
            form.append(Pattern.quote(of.substring(end, matcher.start()))).append("(.+?)");
            names.add(matcher.group());
            end = matcher.end();
        }
        form.append(Pattern.quote(of.substring(end)));
        Pattern pattern = Pattern.compile(form.toString());
        return values.stream()
                .map(value -> partition(value, pattern, names))
                .distinct()
                .toList();
    }

    private Partition partition(String value, Pattern pattern, List<String> names) {
        Matcher matcher = pattern.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("partition '%s' does not have the form '%s'".formatted(value, of));
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            fields.put(names.get(i), matcher.group(i + 1).strip());
        }
        return new Partition(fields);
    }
}
