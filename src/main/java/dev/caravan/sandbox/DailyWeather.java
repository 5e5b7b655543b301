package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Weather as a pure function of place, day and variable. A variable in the vendor's file:
 *
 * <pre>{@code
 * name: {unit: mm, range: [0, 18], decimals: 2}  # a number in the range
 *   season: true    # added to the season's temperature at the latitude
 *   wet: true       # 0 on dry days
 *   cold: true      # 0 unless it freezes
 *   wetter: [..]    # the choices on wet days
 *   dryer: [..]     # the choices on dry days
 *   hour: 6         # a local time near that hour
 *   archive: false  # not in the archive
 * }</pre>
 */
final class DailyWeather {
    private static final long WET_DAYS_IN_TEN = 3;
    private static final long[] POWERS = {1, 10, 100, 1000};

    private final JsonNode variables;

    DailyWeather(JsonNode variables) {
        this.variables = variables;
    }

    /** A cell of the tenth-of-a-degree grid, by whole tenths. */
    record Cell(long latitudeTenths, long longitudeTenths) {
        static Cell around(double latitude, double longitude) {
            return new Cell(Math.round(latitude * 10), Math.round(longitude * 10));
        }

        String latitude() {
            return tenths(latitudeTenths);
        }

        String longitude() {
            return tenths(longitudeTenths);
        }

        long elevation() {
            return Hash.below(900, seed());
        }

        long seed() {
            return Hash.mix(Hash.mix(latitudeTenths) + longitudeTenths);
        }

        private static String tenths(long tenths) {
            return (tenths < 0 ? "-" : "") + Math.abs(tenths) / 10 + "." + Math.abs(tenths) % 10;
        }
    }

    boolean knows(String variable, boolean archive) {
        return variables.has(variable)
                && (!archive || variables.path(variable).path("archive").asBoolean(true));
    }

    List<String> names(boolean archive) {
        List<String> names = new ArrayList<>();
        variables.fieldNames().forEachRemaining(name -> {
            if (knows(name, archive)) {
                names.add(name);
            }
        });
        return names;
    }

    String unit(String variable) {
        return variables.path(variable).path("unit").asText();
    }

    /** Writes a day's value; {@code version} varies it without changing the weather it belongs to. */
    void write(String variable, Cell cell, LocalDate day, long version, JsonBuffer out) {
        JsonNode options = variables.path(variable);
        long weather = Hash.mix(cell.seed() ^ day.toEpochDay());
        long roll = Hash.mix(weather + Hash.of(variable) + Hash.mix(version));
        boolean wet = Hash.below(10, Hash.mix(weather + 1)) < WET_DAYS_IN_TEN;
        if (options.has("wetter")) {
            JsonNode codes = options.path(wet ? "wetter" : "dryer");
            out.number(codes.path((int) Hash.below(codes.size(), roll)).asLong());
        } else if (options.has("hour")) {
            out.raw('"').date(day).raw('T').digits(options.path("hour").asLong(), 2);
            out.raw(':').digits(Hash.below(60, roll), 2).raw('"');
        } else {
            boolean none = (options.has("wet") && !wet) || (options.has("cold") && season(cell, day, weather) > 0);
            number(options, none ? 0 : amount(options, cell, day, weather, roll), out);
        }
    }

    private static double amount(JsonNode options, Cell cell, LocalDate day, long weather, long roll) {
        double low = options.path("range").path(0).asDouble();
        double high = options.path("range").path(1).asDouble();
        double amount = low + (high - low) * Hash.below(10_000, roll) / 10_000;
        return options.has("season") ? season(cell, day, weather) + amount : amount;
    }

    /** The day's mean temperature, cold far from the equator and in its winter, and up to four degrees by chance. */
    private static double season(Cell cell, LocalDate day, long weather) {
        double latitude = cell.latitudeTenths() / 10.0;
        double summer = -Math.cos(2 * Math.PI * (day.getDayOfYear() - 20) / 365.25) * Math.signum(latitude);
        double chance = (Hash.below(8_001, Hash.mix(weather + 2)) - 4_000) / 1_000.0;
        return 28 - Math.abs(latitude) * 0.45 + summer * Math.abs(latitude) * 0.2 + chance;
    }

    private static void number(JsonNode options, double value, JsonBuffer out) {
        int decimals = options.path("decimals").asInt();
        long scaled = Math.round(value * POWERS[decimals]);
        if (scaled < 0) {
            out.raw('-');
        }
        out.number(Math.abs(scaled) / POWERS[decimals]);
        if (decimals > 0) {
            out.raw('.').digits(Math.abs(scaled) % POWERS[decimals], decimals);
        }
    }
}
