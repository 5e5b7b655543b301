package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions a stream has, as a vendor file says it, in one of three forms.
 *
 * <ul>
 *   <li>{@code {of: owner/repo, values: "octo-org/hello, octo-org/world"}}: {@code of} names the fields of a partition and the
 *       characters between them, {@code values} lists the partitions in that form, as a YAML list or as text with commas
 *   <li>{@code {product: {channel: [email, sms], archived: [true, false]}}}: one partition for each combination
 *   <li>{@code {stream: slack-channels, take: {channel_id: id}, where: $.is_member}}: one for each record of another stream
 * </ul>
 *
 * @param fields names of the fields that each partition has
 * @param listed the partitions of the first two forms, each once; empty for a parent's
 * @param parent the third form, null for the others
 * @param group how many partitions share their requests at most; 1 for each its own
 * @param of the form of the first
 */
public record PartitionSettings(
        List<String> fields,
        List<Partition> listed,
        @Nullable ParentSettings parent,
        int group,
        @Nullable String of) {
    /** Most partitions that a vendor file may list. */
    private static final int MOST_LISTED = 100_000;

    /** Most partitions that share a request. */
    private static final int MOST_GROUPED = 10_000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    /** What the expressions for a group are called, so no field may be. */
    private static final String GROUP = "group";

    public PartitionSettings {
        fields = List.copyOf(fields);
        listed = List.copyOf(listed);
        if (group < 1 || group > MOST_GROUPED) {
            throw new IllegalArgumentException("partitions: group is %d, use 1 to %,d".formatted(group, MOST_GROUPED));
        }
        if (parent == null && listed.isEmpty()) {
            throw new IllegalArgumentException("partitions of %s: there is none".formatted(fields));
        }
    }

    /**
     * Reads the settings of a vendor file.
     *
     * @param of field names with the separators between them, such as {@code owner/repo} or {@code place=lat:lon}
     * @param values a list of texts, or one text with commas
     * @param product values of each field
     * @param stream id of the parent
     * @param take fields of the parent's records
     * @param where which of the parent's records
     * @param distinct a field of {@code take}, or several, of whose values there is one partition each
     * @param from {@code committed} (default) or {@code api}
     * @param rows {@code all} (default) or {@code changed}
     * @param group partitions that share a request, none if each has its own
     * @throws IllegalArgumentException if this is none of the forms, naming what is missing or too much
     */
    @JsonCreator
    @SuppressWarnings("TooManyParameters") // one for each setting
    public static PartitionSettings of(
            @JsonProperty("of") @Nullable String of,
            @JsonProperty("values") @Nullable Object values,
            @JsonProperty("product") @Nullable Map<String, Object> product,
            @JsonProperty("stream") @Nullable String stream,
            @JsonProperty("take") @Nullable Map<String, JsonPath> take,
            @JsonProperty("where") @Nullable Where where,
            @JsonProperty("distinct") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<String> distinct,
            @JsonProperty("from") ParentSettings.@Nullable From from,
            @JsonProperty("rows") ParentSettings.@Nullable Rows rows,
            @JsonProperty("group") @Nullable Integer group) {
        boolean list = of != null || values != null;
        boolean ofParent =
                stream != null || take != null || where != null || distinct != null || from != null || rows != null;
        if ((list ? 1 : 0) + (product == null ? 0 : 1) + (ofParent ? 1 : 0) != 1) {
            throw new IllegalArgumentException(
                    "partitions have one of three forms: {of: owner/repo, values: \"a/b, a/c\"}, {product: {channel: [email,"
                            + " sms]}} or {stream: acme-channels, take: {channel_id: id}}");
        }
        int together = group == null ? 1 : group;
        if (product != null) {
            return ofProduct(product, together);
        }
        if (list) {
            return ofList(of, values, together);
        }
        if (stream == null || stream.isBlank()) {
            throw new IllegalArgumentException(
                    "partitions: 'stream' is missing, whose records they are: stream: acme-channels");
        }
        ParentSettings parent = new ParentSettings(
                stream.strip(),
                take == null ? Map.of() : take,
                where,
                distinct == null ? List.of() : distinct,
                from == null ? ParentSettings.From.COMMITTED : from,
                rows == null ? ParentSettings.Rows.ALL : rows);
        return new PartitionSettings(parent.fields(), List.of(), parent, together, null);
    }

    private static PartitionSettings ofList(@Nullable String of, @Nullable Object values, int group) {
        if (of == null || of.isBlank() || values == null) {
            throw new IllegalArgumentException(
                    "partitions need 'of' and 'values', such as {of: owner/repo, values: \"a/b, a/c\"}");
        }
        List<String> texts = texts(values);
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("partitions of %s: 'values' is empty".formatted(of));
        }
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
        names.forEach(PartitionSettings::checkName);
        Pattern pattern = Pattern.compile(form.toString());
        Set<Partition> partitions = new LinkedHashSet<>();
        texts.forEach(text -> partitions.add(partition(text, pattern, names, of)));
        return new PartitionSettings(names, List.copyOf(partitions), null, group, of);
    }

    private static List<String> texts(Object values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values instanceof List<?> many
                ? many
                : List.of(values.toString().split(","))) {
            String text = value == null ? "" : value.toString().strip();
            if (!text.isEmpty()) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static Partition partition(String value, Pattern pattern, List<String> names, String of) {
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

    private static PartitionSettings ofProduct(Map<String, Object> product, int group) {
        List<Map<String, String>> combined = List.of(Map.of());
        for (Map.Entry<String, Object> field : product.entrySet()) {
            checkName(field.getKey());
            List<String> values = field.getValue() == null ? List.of() : texts(field.getValue());
            if (values.isEmpty()) {
                throw new IllegalArgumentException(
                        "partitions: product.%s has no values, write [email, sms]".formatted(field.getKey()));
            }
            if ((long) combined.size() * values.size() > MOST_LISTED) {
                throw new IllegalArgumentException(
                        "partitions: the product has more than %,d combinations".formatted(MOST_LISTED));
            }
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> each : combined) {
                for (String value : values) {
                    Map<String, String> with = new LinkedHashMap<>(each);
                    with.put(field.getKey(), value);
                    longer.add(with);
                }
            }
            combined = longer;
        }
        if (product.isEmpty()) {
            throw new IllegalArgumentException("partitions: 'product' names no field, write {channel: [email, sms]}");
        }
        List<Partition> partitions =
                combined.stream().map(Partition::new).distinct().toList();
        return new PartitionSettings(List.copyOf(product.keySet()), partitions, null, group, null);
    }

    static void checkName(String field) {
        if (!NAME.matcher(field).matches() || field.equals(GROUP)) {
            throw new IllegalArgumentException(
                    "partitions: '%s' is no name for a field: letters, digits and _, and not 'group'".formatted(field));
        }
    }

    /** Returns what expressions may ask of a partition: its fields, or of a group the list of what its members have. */
    public Set<String> expressions() {
        Set<String> names = new LinkedHashSet<>();
        if (group == 1) {
            names.addAll(fields);
        } else {
            names.add(GROUP);
            fields.forEach(field -> names.add(GROUP + "." + field));
        }
        return names;
    }

    /** Whether partitions are pulled once, when there is something new of them, instead of in every run. */
    public boolean isOnce() {
        return parent != null && parent.rows() == ParentSettings.Rows.CHANGED;
    }

    /** Returns what tells partitions from those that the stream would have under other settings; the same in every process. */
    public String identity() {
        if (of != null) {
            return of;
        }
        if (parent == null) {
            return "product " + fields.stream().sorted().toList();
        }
        return "stream %s %s %s".formatted(parent.stream(), new TreeMap<>(parent.take()), parent.rows());
    }
}
