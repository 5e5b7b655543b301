package dev.caravan.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs schedules, console and meters until it is stopped. Also what runs without a command. */
@Command(
        name = "caravan",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpAutoWidth = true,
        synopsisHeading = "%n",
        customSynopsis = "java -jar caravan.jar [COMMAND] [--setting.name=value ...]",
        description = {
            "",
            "Pulls data from APIs, incrementally and without losing or doubling a record. Without a command it serves: every"
                    + " stream on its schedule, and the console at http://127.0.0.1:8080/actuator/hawtio.",
            ""
        },
        footer = {
            "",
            "Settings are given as --name.of.setting=value, in application.yaml, as environment variables or in a file .env:",
            "  --caravan.sandbox=all    pull from the built-in imitation of the vendors: no credential, no network",
            "  --caravan.data=DIR       where everything lands (data)",
            "  --caravan.routes=DIR     where the vendor files are (routes)",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, configuration or not configured, 3 paused with a checkpoint, 4 partial,"
                    + " 5 another process is pulling the stream.",
            ""
        })
final class ServeCommand implements Callable<Integer> {
    /** Not an exit code: the process goes on. */
    static final int SERVING = -1;

    private final Launcher launcher;

    @Mixin
    private GivenSecrets secrets = new GivenSecrets();

    ServeCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        launcher.with(secrets.read()).start(LaunchPlan.serve());
        return SERVING;
    }
}
