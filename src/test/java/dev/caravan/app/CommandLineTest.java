package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--caravan.sandbox=all",
                "--caravan.sandbox",
                "--stripe.api-key=sk=1",
                "--caravan.connections[acme].vendor=stripe",
                "--open-meteo.places=berlin=52.52:13.41,\noslo=1:2"
            })
    void leavesSettingsToSpring(String argument) {
        assertThat(Caravan.isSetting(argument)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pull",
                "stripe-charges",
                "--json",
                "--from=2026-01-01T00:00:00.5Z",
                "--limit=1.5",
                "-x.y=1",
                "--.a=1"
            })
    void keepsWordsAndOptionsForItself(String argument) {
        assertThat(Caravan.isSetting(argument)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "DONE, 0",
        "DONE DONE, 0",
        "NOT_CONFIGURED DONE, 2",
        "NOT_CONFIGURED HELD, 5",
        "HELD PAUSED DONE, 3",
        "PAUSED PARTIAL HELD, 4",
        "NOT_CONFIGURED HELD PAUSED PARTIAL FAILED, 1"
    })
    void endsWithTheCodeThatMattersMost(String statuses, int code) {
        List<RunSummary> summaries = Arrays.stream(statuses.split(" ", -1))
                .map(status -> summary(RunStatus.valueOf(status)))
                .toList();
        assertThat(AskedRuns.code(summaries)).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "off, false, false",
        "false, false, false",
        "missing, false, true",
        "all, true, true",
        "TRUE, true, true"
    })
    void coversConnectionsAsTheModeSays(String text, boolean configured, boolean unconfigured) {
        assertThat(SandboxMode.of(text).covers(true)).isEqualTo(configured);
        assertThat(SandboxMode.of(text).covers(false)).isEqualTo(unconfigured);
    }

    @Test
    void namesTheModesThereAre() {
        assertThatThrownBy(() -> SandboxMode.of("on")).hasMessageContaining("off, missing or all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pull",
                "pull stripe --all",
                "pull stripe --limit=-1",
                "pull stripe --from=2026-01-01",
                "pull stripe --nonsense",
                "nonsense"
            })
    void refusesWhatMakesNoSenseBeforeItStartsAnything(String line) {
        CommandLine commands = Caravan.commandLine(new Launcher(List.of()));
        StringWriter said = new StringWriter();
        commands.setErr(new PrintWriter(said));
        commands.setOut(new PrintWriter(said));
        assertThat(commands.execute(line.split(" ", -1))).isEqualTo(2);
        assertThat(said.toString()).isNotBlank();
    }

    @Test
    void printsTheSchemaOfVendorFilesWithoutStartingAnything() throws IOException {
        CommandLine commands = Caravan.commandLine(new Launcher(List.of()));
        StringWriter said = new StringWriter();
        commands.setOut(new PrintWriter(said));
        assertThat(commands.execute("schema")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(said.toString())
                        .at("/definitions/Stream/properties/lookback/description"))
                .asString()
                .contains("how far behind the checkpoint");
    }

    private static RunSummary summary(RunStatus status) {
        return new RunSummary(
                "run",
                "stream",
                "real",
                "acme_api",
                status,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                0,
                null);
    }
}
