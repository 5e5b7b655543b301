package dev.caravan.sandbox;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a weather request asks for, once it is checked as Open-Meteo checks it. */
record WeatherRequest(List<Place> places, List<String> variables) {
    /** The day that the service believes it is. */
    static final LocalDate TODAY =
            LocalDate.ofInstant(Sandbox.LAST_DAY_END, ZoneOffset.UTC).minusDays(1);

    private static final LocalDate EARLIEST = LocalDate.of(1940, 1, 1);
    private static final int MOST_PLACES = 1_000;
    private static final Pattern COMMA = Pattern.compile(",");

    /** Where and when: a point, the zone its days are cut in, first and last day. */
    record Place(double latitude, double longitude, String timezone, LocalDate start, LocalDate end) {
        ZoneId zone() {
            return ZoneId.of(timezone);
        }

        long days() {
            return ChronoUnit.DAYS.between(start, end) + 1;
        }
    }

    private record Days(LocalDate start, LocalDate end) {}

    static WeatherRequest of(Query query, boolean archive, DailyWeather weather) {
        requireImitated(query);
        List<String> variables = list(query, "daily");
        for (String variable : variables) {
            if (!weather.knows(variable, archive)) {
                throw refusal("Data corrupted at path 'daily'. Cannot initialize ForecastVariableDaily from invalid "
                        + "String value " + variable + ".");
            }
        }
        List<Double> latitudes = coordinates(query, "latitude", 90);
        List<Double> longitudes = coordinates(query, "longitude", 180);
        if (latitudes.size() != longitudes.size()) {
            throw refusal("Parameter 'latitude' and 'longitude' must have the same number of elements");
        }
        if (latitudes.size() > MOST_PLACES) {
            throw refusal("Only up to %d locations can be requested at once".formatted(MOST_PLACES));
        }
        List<String> zones = zones(query, latitudes.size(), !variables.isEmpty());
        List<Days> days = days(query, archive, latitudes.size());
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < latitudes.size(); i++) {
            Days own = each(days, i);
            places.add(new Place(latitudes.get(i), longitudes.get(i), each(zones, i), own.start(), own.end()));
        }
        return new WeatherRequest(List.copyOf(places), variables);
    }

    /** How many calls it counts for. */
    double weight() {
        double share = variables.size() / 10.0;
        return places.stream()
                .mapToDouble(place -> Math.max(1, Math.max(share, share * place.days() / 14)))
                .sum();
    }

    static Refusal refusal(String reason) {
        return new Refusal("bad_request", Map.of("reason", reason));
    }

    private static void requireImitated(Query query) {
        for (String name : List.of("hourly", "current", "minutely_15")) {
            if (query.has(name)) {
                throw refusal("The sandbox imitates 'daily' only, not '" + name + "'");
            }
        }
        Map<String, String> usual = Map.of(
                "temperature_unit", "celsius",
                "wind_speed_unit", "kmh",
                "precipitation_unit", "mm",
                "timeformat", "iso8601",
                "format", "json");
        usual.forEach((name, value) -> {
            if (!query.first(name).orElse(value).equals(value)) {
                throw refusal("The sandbox imitates %s=%s only".formatted(name, value));
            }
        });
        if (list(query, "models").size() > 1) {
            throw refusal("The sandbox imitates one of 'models' only");
        }
    }

    private static List<Double> coordinates(Query query, String name, double most) {
        List<Double> coordinates = new ArrayList<>();
        for (String text : list(query, name)) {
            double value = number(name, text);
            if (!(Math.abs(value) <= most)) {
                throw refusal("%s must be in range of %.0f to %.0f°. Given: %s."
                        .formatted(name.equals("latitude") ? "Latitude" : "Longitude", -most, most, value));
            }
            coordinates.add(value);
        }
        if (coordinates.isEmpty()) {
            throw refusal("Parameter '" + name + "' is required");
        }
        return coordinates;
    }

    private static double number(String name, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw refusal("Data corrupted at path '%s'. Cannot initialize Float from invalid String value %s."
                    .formatted(name, text));
        }
    }

    private static List<String> zones(Query query, int places, boolean needed) {
        List<String> zones = list(query, "timezone");
        if (zones.isEmpty()) {
            if (needed) {
                throw refusal("Timezone is required");
            }
            return List.of("GMT");
        }
        requireCount("timezone", zones.size(), places);
        for (String zone : zones) {
            try {
                ZoneId.of(zone.equals("auto") ? "GMT" : zone);
            } catch (DateTimeException e) {
                throw refusal("Invalid timezone");
            }
        }
        return zones;
    }

    private static List<Days> days(Query query, boolean archive, int places) {
        List<String> starts = list(query, "start_date");
        List<String> ends = list(query, "end_date");
        if (starts.isEmpty() && ends.isEmpty() && !archive) {
            long past = relative(query, "past_days", "Past days", 0, 92);
            long ahead = relative(query, "forecast_days", "Forecast days", 7, 16);
            return List.of(new Days(TODAY.minusDays(past), TODAY.plusDays(ahead - 1)));
        }
        for (String relative : List.of("past_days", "forecast_days")) {
            if (query.has(relative)) {
                throw refusal(
                        "Parameter '%s' is mutually exclusive with 'start_date' and 'end_date'".formatted(relative));
            }
        }
        if (starts.isEmpty() || starts.size() != ends.size()) {
            throw refusal("Both 'start_date' and 'end_date' must be set, with the same number of elements");
        }
        requireCount("start_date", starts.size(), places);
        List<Days> days = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            Days own = new Days(date("start_date", starts.get(i), archive), date("end_date", ends.get(i), archive));
            if (own.end().isBefore(own.start())) {
                throw refusal("End-date must be larger or equals than start-date");
            }
            days.add(own);
        }
        return days;
    }

    private static LocalDate date(String name, String text, boolean archive) {
        LocalDate first = archive ? EARLIEST : TODAY.minusDays(93);
        LocalDate last = TODAY.plusDays(archive ? 1 : 16);
        try {
            LocalDate date = LocalDate.parse(text);
            if (!date.isBefore(first) && !date.isAfter(last)) {
                return date;
            }
        } catch (DateTimeParseException e) {
            throw refusal("Invalid date format. Make sure to use 'YYYY-MM-DD'");
        }
        throw refusal("Parameter '%s' is out of allowed range from %s to %s".formatted(name, first, last));
    }

    private static long relative(Query query, String name, String title, int otherwise, int most) {
        String text = query.first(name).orElse(Integer.toString(otherwise));
        double days = number(name, text);
        if (days < 0 || days > most) {
            throw refusal("%s is invalid. Allowed range 0 to %d. Given %s.".formatted(title, most, text));
        }
        return (long) days;
    }

    private static void requireCount(String name, int count, int places) {
        if (count != 1 && count != places) {
            throw refusal("Parameter '%s' must have the same number of elements as coordinates".formatted(name));
        }
    }

    private static <T> T each(List<T> oneOrAll, int place) {
        return oneOrAll.size() == 1 ? oneOrAll.get(0) : oneOrAll.get(place);
    }

    private static List<String> list(Query query, String name) {
        return query.all(name).stream()
                .flatMap(COMMA::splitAsStream)
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }
}
