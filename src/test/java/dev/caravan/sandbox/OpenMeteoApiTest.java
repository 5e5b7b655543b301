package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.MutableClock;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenMeteoApiTest {
    private static final String DAILY = "&timezone=auto&daily=weather_code,temperature_2m_mean,temperature_2m_max,"
            + "temperature_2m_min,precipitation_sum,snowfall_sum";
    private static final String BERLIN = "?latitude=52.5167&longitude=13.3833";
    private static final String MARCH = "&start_date=2026-03-01&end_date=2026-03-31";
    private static Sandbox sandbox;
    private static Caller archive;
    private static Caller forecast;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults());
        archive = Caller.of(sandbox, "archive-api.open-meteo.com");
        forecast = Caller.of(sandbox, "api.open-meteo.com");
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void onePlaceIsAnObjectOfColumnsOfOneLength() {
        JsonNode answer = archive.json("/v1/archive" + BERLIN + MARCH + DAILY);

        assertThat(answer.isObject()).isTrue();
        assertThat(answer.has("location_id")).isFalse();
        assertThat(answer.path("latitude").asDouble()).isEqualTo(52.5);
        assertThat(answer.path("longitude").asDouble()).isEqualTo(13.4);
        assertThat(answer.path("timezone").asText()).isEqualTo("Europe/Berlin");
        assertThat(answer.path("utc_offset_seconds").asInt()).isEqualTo(7200);
        assertThat(answer.path("daily")).hasSize(7).allMatch(column -> column.size() == 31);
        assertThat(answer.path("daily_units").path("temperature_2m_mean").asText())
                .isEqualTo("°C");
    }

    @Test
    void theNewestArchiveDaysAreNull() {
        JsonNode column = archive.json("/v1/archive" + BERLIN + MARCH + DAILY)
                .path("daily")
                .path("temperature_2m_mean");

        assertThat(column.path(28).isNumber()).isTrue();
        assertThat(column.path(29).isNull()).isTrue();
        assertThat(column.path(30).isNull()).isTrue();
    }

    @Test
    void temperaturesAreInOrder() {
        JsonNode daily = archive.json("/v1/archive" + BERLIN + MARCH + DAILY).path("daily");
        for (int day = 0; day < 29; day++) {
            assertThat(daily.path("temperature_2m_mean").path(day).asDouble())
                    .isBetween(
                            daily.path("temperature_2m_min").path(day).asDouble(),
                            daily.path("temperature_2m_max").path(day).asDouble());
        }
    }

    @Test
    void severalPlacesAreAnArrayInTheirOrder() {
        JsonNode answer = forecast.json("/v1/forecast?latitude=52.52,35.68,-33.87&longitude=13.41,139.69,151.21"
                + "&past_days=2&forecast_days=3" + DAILY);

        assertThat(answer).hasSize(3);
        assertThat(answer.path(0).has("location_id")).isFalse();
        assertThat(answer.path(1).path("location_id").asInt()).isEqualTo(1);
        assertThat(answer.path(2).path("timezone").asText()).isEqualTo("Australia/Sydney");
        JsonNode time = answer.path(1).path("daily").path("time");
        assertThat(time).hasSize(5);
        assertThat(time.path(0).asText()).isEqualTo("2026-03-29");
        assertThat(time.path(4).asText()).isEqualTo("2026-04-02");
    }

    @Test
    void aPlaceIsTheSameAloneAndAmongOthers() {
        JsonNode alone = forecast.json("/v1/forecast?latitude=1.25&longitude=-77.5" + DAILY);
        JsonNode among = forecast.json("/v1/forecast?latitude=1.25,2&longitude=-77.5,3" + DAILY);

        assertThat(among.path(0)).isEqualTo(alone);
    }

    @ParameterizedTest
    @CsvSource({
        "api,/v1/forecast?latitude=1&longitude=1&timezone=auto&daily=mood,invalid String value mood",
        "archive-api,/v1/archive?latitude=1&longitude=1&timezone=auto&daily=uv_index_max&start_date=2026-01-01"
                + "&end_date=2026-01-02,uv_index_max",
        "api,/v1/forecast?latitude=1&longitude=1&start_date=2026-03-01&end_date=2026-03-02&past_days=1,"
                + "mutually exclusive",
        "api,/v1/forecast?latitude=1&longitude=1&start_date=2026-03-01,Both",
        "archive-api,/v1/archive?latitude=1&longitude=1,Both",
        "archive-api,/v1/archive?latitude=1&longitude=1&start_date=2026-03-01&end_date=2026-12-01,out of allowed range",
        "api,/v1/forecast?latitude=1&longitude=1&daily=rain_sum,Timezone is required",
        "api,/v1/forecast?latitude=1&longitude=1&daily=rain_sum&timezone=Moon,Invalid timezone",
        "api,/v1/forecast?latitude=1&longitude=1&forecast_days=17,Forecast days is invalid",
        "api,/v1/forecast?latitude=91&longitude=1,Latitude must be in range",
        "api,/v1/forecast?latitude=1&longitude=1&longitude=2,same number of elements",
        "api,/v1/forecast?longitude=1,latitude"
    })
    void refusesWithAReason(String host, String path, String reason) {
        HttpResponse<String> response =
                Caller.of(sandbox, host + ".open-meteo.com").get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Caller.parsed(response).path("error").asBoolean()).isTrue();
        assertThat(Caller.parsed(response).path("reason").asText()).contains(reason);
    }

    @Test
    void theArchiveIsOnItsOwnHost() {
        assertThat(forecast.get("/v1/archive" + BERLIN + MARCH).statusCode()).isEqualTo(404);
    }

    @Test
    void callsWeighAndTheTextNamesTheWindow() {
        MutableClock clock = new MutableClock("2026-05-01T12:00:00Z");
        try (Sandbox limited = Sandbox.start(SandboxOptions.defaults().withLimits(clock))) {
            Caller caller = Caller.of(limited, "archive-api.open-meteo.com");
            String years = BERLIN + "&timezone=GMT&daily=temperature_2m_mean,precipitation_sum&end_date=2020-12-31";
            String heavy = "/v1/archive" + years + "&start_date=1991-01-01";
            for (int minute = 0; minute < 8; minute++) {
                for (int call = 0; call < 4; call++) {
                    assertThat(caller.get(heavy).statusCode()).isEqualTo(200);
                }
                assertThat(caller.get(heavy).body()).contains("Minutely API request limit exceeded");
                assertThat(caller.get(heavy).statusCode()).isEqualTo(429);
                clock.move(Duration.ofMinutes(1));
            }
            assertThat(caller.get(heavy).body()).contains("Hourly API request limit exceeded");
        }
    }
}
