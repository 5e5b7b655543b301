package dev.caravan.sandbox;

import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Open-Meteo's daily weather: columns instead of records, one object for a place and an array for several. */
final class OpenMeteoApi implements Imitation {
    private static final int MOST_EDITS = 100_000;
    private static final int MOST_PLACES = 1_000;
    private static final int FORECAST_PAST = 7;
    private static final int FORECAST_AHEAD = 15;

    private final VendorFile file;
    private final DailyWeather weather;
    private final WeatherLimits limits;
    private final Map<String, Integer> versions = new ConcurrentHashMap<>();
    private final Map<String, WeatherRequest.Place> asked = new ConcurrentSkipListMap<>();

    OpenMeteoApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.weather = new DailyWeather(file.part("daily"));
        this.limits = new WeatherLimits(file.part("limits"), options);
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        versions.clear();
        asked.clear();
        limits.clear();
    }

    @Override
    public String stream(String path) {
        return path.startsWith("/v1/") && file.part("streams").has(path.substring(4)) ? path.substring(4) : "";
    }

    @Override
    public void edit(String stream, String scope, String id) {
        if (!file.part("streams").has(stream) || !scope.isEmpty()) {
            throw new IllegalArgumentException("No such stream: %s %s".formatted(stream, scope));
        }
        try {
            LocalDate.parse(id);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("The id of a weather day is its date: " + id, e);
        }
        if (versions.size() >= MOST_EDITS) {
            throw new IllegalArgumentException("At most %d days can be changed".formatted(MOST_EDITS));
        }
        versions.merge(stream + id, 1, Integer::sum);
    }

    @Override
    public void append(String stream, String scope, int rows) {
        throw new IllegalArgumentException("Weather ends with the last day; no rows can be appended");
    }

    /** All days of the sandbox, or those around today for the forecast, at the places that were asked for so far. */
    @Override
    public List<Kept> kept(String stream) {
        boolean archive = stream.equals("archive");
        LocalDate first = archive
                ? LocalDate.ofInstant(Sandbox.FIRST_DAY, ZoneOffset.UTC)
                : WeatherRequest.TODAY.minusDays(FORECAST_PAST);
        LocalDate last = archive ? WeatherRequest.TODAY : WeatherRequest.TODAY.plusDays(FORECAST_AHEAD);
        List<Kept> kept = new ArrayList<>();
        asked.forEach((key, place) -> {
            if (key.startsWith(stream)) {
                first.datesUntil(last.plusDays(1))
                        .forEach(day -> kept.add(new Kept("", day.toString(), record(stream, place, day))));
            }
        });
        return kept;
    }

    private JsonBuffer record(String stream, WeatherRequest.Place place, LocalDate day) {
        DailyWeather.Cell cell = DailyWeather.Cell.around(place.latitude(), place.longitude());
        JsonBuffer out = new JsonBuffer(512).raw("{\"time\":\"").date(day).raw("\",\"timezone\":");
        out.quoted(zone(place).getId()).raw(",\"utc_offset_seconds\":").number(offset(zone(place)));
        out.raw(",\"elevation\":").number(cell.elevation()).raw(".0");
        for (String variable : weather.names(stream.equals("archive"))) {
            out.raw(',').quoted(variable).raw(':');
            value(stream, variable, cell, day, out);
        }
        return out.raw('}');
    }

    private void remember(String stream, WeatherRequest.Place place) {
        if (asked.size() < MOST_PLACES) {
            asked.put("%s %s %s %s".formatted(stream, place.latitude(), place.longitude(), place.timezone()), place);
        }
    }

    private static int offset(ZoneId zone) {
        return zone.getRules().getOffset(Sandbox.LAST_DAY_END).getTotalSeconds();
    }

    @Override
    public Answer accepted(Ask ask) {
        String stream = stream(ask.path());
        if (stream.isEmpty() || !ask.method().equals("GET")) {
            throw new Refusal("not_found");
        }
        if (!file.part("streams").path(stream).asText().equals(ask.host())) {
            throw new Refusal("not_found");
        }
        WeatherRequest request = WeatherRequest.of(ask.query(), stream.equals("archive"), weather);
        limits.spend(request.weight());
        return Answer.json(200, answer(stream, request));
    }

    private JsonBuffer answer(String stream, WeatherRequest request) {
        JsonBuffer out = new JsonBuffer(4096);
        List<WeatherRequest.Place> places = request.places();
        if (places.size() > 1) {
            out.raw('[');
        }
        for (int i = 0; i < places.size(); i++) {
            remember(stream, places.get(i));
            if (i > 0) {
                out.raw(',');
            }
            place(stream, request, places.get(i), i, out);
        }
        return places.size() > 1 ? out.raw(']') : out;
    }

    private void place(
            String stream, WeatherRequest request, WeatherRequest.Place place, int locationId, JsonBuffer out) {
        DailyWeather.Cell cell = DailyWeather.Cell.around(place.latitude(), place.longitude());
        ZoneId zone = zone(place);
        int offset = offset(zone);
        out.raw("{\"latitude\":").raw(cell.latitude()).raw(",\"longitude\":").raw(cell.longitude());
        out.raw(",\"generationtime_ms\":0.07,\"utc_offset_seconds\":").number(offset);
        out.raw(",\"timezone\":").quoted(zone.getId());
        out.raw(",\"timezone_abbreviation\":").quoted(abbreviation(offset));
        out.raw(",\"elevation\":").number(cell.elevation()).raw(".0");
        if (locationId > 0) {
            out.raw(",\"location_id\":").number(locationId);
        }
        if (!request.variables().isEmpty()) {
            columns(stream, request, place, cell, out);
        }
        out.raw('}');
    }

    private void columns(
            String stream, WeatherRequest request, WeatherRequest.Place place, DailyWeather.Cell cell, JsonBuffer out) {
        out.raw(",\"daily_units\":{\"time\":\"iso8601\"");
        for (String variable : request.variables()) {
            out.raw(',').quoted(variable).raw(':').quoted(weather.unit(variable));
        }
        out.raw("},\"daily\":{\"time\":[");
        String comma = "";
        for (LocalDate day = place.start(); !day.isAfter(place.end()); day = day.plusDays(1)) {
            out.raw(comma).raw('"').date(day).raw('"');
            comma = ",";
        }
        for (String variable : request.variables()) {
            out.raw("],").quoted(variable).raw(":[");
            comma = "";
            for (LocalDate day = place.start(); !day.isAfter(place.end()); day = day.plusDays(1)) {
                out.raw(comma);
                value(stream, variable, cell, day, out);
                comma = ",";
            }
        }
        out.raw("]}");
    }

    /** The newest days of the archive are not there yet. */
    private void value(String stream, String variable, DailyWeather.Cell cell, LocalDate day, JsonBuffer out) {
        if (stream.equals("archive") && day.isAfter(WeatherRequest.TODAY.minusDays(2))) {
            out.raw("null");
        } else {
            int version = versions.getOrDefault(stream + day, 0);
            weather.write(variable, cell, day, Hash.of(stream) + version, out);
        }
    }

    private ZoneId zone(WeatherRequest.Place place) {
        if (!place.timezone().equals("auto")) {
            return place.zone();
        }
        for (var box : file.part("zones").properties()) {
            if (place.latitude() >= box.getValue().path(0).asDouble()
                    && place.latitude() < box.getValue().path(1).asDouble()
                    && place.longitude() >= box.getValue().path(2).asDouble()
                    && place.longitude() < box.getValue().path(3).asDouble()) {
                return ZoneId.of(box.getKey());
            }
        }
        long hours = Math.round(place.longitude() / 15);
        return ZoneId.of(hours == 0 ? "GMT" : "Etc/GMT%+d".formatted(-hours));
    }

    private static String abbreviation(int offset) {
        if (offset == 0) {
            return "GMT";
        }
        String minutes = offset % 3600 == 0 ? "" : ":%02d".formatted(Math.abs(offset) / 60 % 60);
        return "GMT%+d%s".formatted(offset / 3600, minutes);
    }
}
