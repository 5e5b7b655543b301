package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Open-Meteo's weighted quota: windows of the wall clock, told apart by nothing but the text of the refusal. */
final class WeatherLimits {
    private record Window(Quota quota, String title, String when) {}

    private final boolean imposed;
    private final double heaviest;
    private final List<Window> windows;

    WeatherLimits(JsonNode limits, SandboxOptions options) {
        this.imposed = options.limits();
        this.heaviest = limits.path("hour").asDouble();
        this.windows = List.of(
                window(limits, options, "minute", Duration.ofMinutes(1), "Minutely", "in one minute"),
                window(limits, options, "hour", Duration.ofHours(1), "Hourly", "in the next hour"),
                window(limits, options, "day", Duration.ofDays(1), "Daily", "tomorrow"));
    }

    /** Spends the weight of a request in all windows, or throws the refusal of the first that lacks it. */
    synchronized void spend(double weight) {
        if (!imposed) {
            return;
        }
        if (weight > heaviest) {
            throw WeatherRequest.refusal("Your API call requests too much data. Please reduce the number of variables, "
                    + "locations and/or weather models.");
        }
        for (Window window : windows) {
            if (window.quota().left() <= 0) {
                String reason =
                        "%s API request limit exceeded. Please try again %s.".formatted(window.title(), window.when());
                throw new Refusal("too_many", Map.of("reason", reason));
            }
        }
        windows.forEach(window -> window.quota().spend(weight));
    }

    void clear() {
        windows.forEach(window -> window.quota().clear());
    }

    private static Window window(
            JsonNode limits, SandboxOptions options, String name, Duration length, String title, String when) {
        Quota quota = Quota.round(limits.path(name).asDouble(), length, options.clock());
        return new Window(quota, title, when);
    }
}
