package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a vendor keeps of one sort: how many rows, over which days, with which ids, and how their records look. Read
 * from the vendor's file:
 *
 * <pre>{@code
 * charges:
 *   id: {form: lettered, prefix: ch_}   # or form: counted, a number unless quoted: true or with a prefix; or form: hexadecimal
 *   rows: 1.0                           # times SandboxOptions.rows
 *   daily: 4                            # or: so many on each day, the n-th of a day being the same thing every day
 *   first-day: 2026-03-02               # default: Sandbox.FIRST_DAY
 *   like: payments                      # draw from another table's chance, and take from it what is not said here:
 *                                       # same times, same values by name
 *   moving: true                        # an edit moves the row behind all others
 *   announce: {in: events, as: changed, new: made} # an edit appends a row of that kind there, a row that is added one of the other
 *   values: {amount: {$int: [100, 900]}}
 *   kinds: {paid: {weight: 9, values: {...}}, failed: {...}}
 *   record: {id: "${id}", amount: "${amount}"}
 * }</pre>
 */
final class Table {
    /**
     * Where changes of rows are told.
     *
     * @param kind of the row there that tells of an edit
     * @param fresh of the one that tells of a new row, empty if none does
     */
    record Announcement(String table, String kind, String fresh) {}

    private final String name;
    private final JsonNode definition;
    private final long salt;
    private final int daily;
    private final Identifier identifier;
    private final List<String> kinds;
    private final int[] weights;
    private final int weight;

    Table(String name, JsonNode definition) {
        this.name = name;
        this.definition = definition;
        this.salt = Hash.of(definition.path("like").asText(name));
        this.daily = definition.path("daily").asInt();
        this.identifier = daily > 0 ? new Identifier.Daily(daily) : identifier(definition.path("id"));
        this.kinds = new ArrayList<>();
        definition.path("kinds").fieldNames().forEachRemaining(kinds::add);
        if (kinds.isEmpty()) {
            kinds.add("");
        }
        this.weights = kinds.stream().mapToInt(this::weight).toArray();
        int total = 0;
        for (int each : weights) {
            total += each;
        }
        this.weight = total;
    }

    String name() {
        return name;
    }

    long salt() {
        return salt;
    }

    long idSalt(Scope scope) {
        return Hash.of(name) + scope.salt();
    }

    Identifier identifier() {
        return identifier;
    }

    /** How many rows each day has; 0 where rows are spread over the days by chance. */
    int daily() {
        return daily;
    }

    boolean moving() {
        return definition.path("moving").asBoolean();
    }

    @Nullable
    Announcement announcement() {
        JsonNode announce = definition.path("announce");
        return announce.isMissingNode()
                ? null
                : new Announcement(
                        announce.path("in").asText(),
                        announce.path("as").asText(),
                        announce.path("new").asText());
    }

    Timeline timeline(Scope scope, long rows) {
        long scaled = Math.max(1, Math.round(rows * definition.path("rows").asDouble(1) * scope.share()));
        if (daily > 0) {
            scaled = daily
                    * Duration.between(Sandbox.FIRST_DAY, Sandbox.LAST_DAY_END).toDays();
        }
        JsonNode firstDay = definition.path("first-day");
        return new Timeline(
                firstDay.isMissingNode()
                        ? Sandbox.FIRST_DAY.getEpochSecond()
                        : VendorFile.day(firstDay).getEpochSecond(),
                Sandbox.LAST_DAY_END.getEpochSecond(),
                scope.fixed() < 0 ? scaled : scope.fixed(),
                Hash.mix(salt + scope.salt()));
    }

    List<String> kinds() {
        return kinds;
    }

    /** The kind that chance gives a row. */
    int kind(long seed) {
        if (weights.length == 1) {
            return 0;
        }
        long roll = Hash.below(weight, Hash.mix(seed));
        int kind = 0;
        while (roll >= weights[kind]) {
            roll -= weights[kind++];
        }
        return kind;
    }

    /** What a name means for rows of one kind, or null when the table does not know it. */
    @Nullable
    JsonNode meaning(String value, int kind) {
        JsonNode own =
                definition.path("kinds").path(kinds.get(kind)).path("values").get(value);
        return own == null ? definition.path("values").get(value) : own;
    }

    JsonNode record() {
        return definition.path("record");
    }

    private int weight(String kind) {
        return definition.path("kinds").path(kind).path("weight").asInt(1);
    }

    private static Identifier identifier(JsonNode id) {
        String form = id.path("form").asText("counted");
        return switch (form) {
            case "lettered" -> new Identifier.Lettered(id.path("prefix").asText());
            case "counted" ->
                new Identifier.Counted(
                        id.path("prefix").asText(), id.path("quoted").asBoolean());
            case "hexadecimal" -> new Identifier.Hexadecimal();
            default -> throw new IllegalArgumentException("Unknown form of id: " + form);
        };
    }
}
