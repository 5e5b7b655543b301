package dev.caravan.app;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** The application: commands for people and schedulers, and the server behind {@code serve}. */
public final class Caravan {
    /** Anything of this form is a setting and Spring's to read; commands have no option with a dot. */
    private static final Pattern SETTING =
            Pattern.compile("--[A-Za-z][\\w-]*(\\[[^]]*])?(\\.[\\w\\[\\]-]+)+(=.*)?", Pattern.DOTALL);

    private Caravan() {}

    public static void main(String[] arguments) {
        Ending ending = Ending.prepare();
        ending.with(run(arguments));
    }

    /** Carries out one command and returns its exit code, or {@link ServeCommand#SERVING}. */
    static int run(String... arguments) {
        List<String> settings = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            (isSetting(argument) ? settings : words).add(argument);
        }
        CommandLine commandLine = commandLine(new Launcher(settings));
        try {
            return commandLine.execute(words.toArray(String[]::new));
        } finally {
            commandLine.getOut().flush();
            commandLine.getErr().flush();
        }
    }

    static boolean isSetting(String argument) {
        return SETTING.matcher(argument).matches();
    }

    static CommandLine commandLine(Launcher launcher) {
        return new CommandLine(new ServeCommand(launcher))
                .addSubcommand(new PullCommand(launcher))
                .addSubcommand(new StreamsCommand(launcher))
                .addSubcommand(new RunsCommand(launcher))
                .addSubcommand(new CheckCommand(launcher))
                .addSubcommand(new PreviewCommand(launcher))
                .addSubcommand(new CredentialsCommand(launcher))
                .addSubcommand(new LoginCommand(launcher))
                .addSubcommand(new StateCommand(launcher))
                .addSubcommand(new VerifyCommand(launcher))
                .addSubcommand(new ReplayCommand(launcher))
                .addSubcommand(new SnapshotCommand(launcher))
                .addSubcommand(new CompactCommand(launcher))
                .addSubcommand(new EjectCommand(launcher))
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new HealthCommand())
                .addSubcommand(new HashPasswordCommand())
                .addSubcommand(new CommandLine.HelpCommand())
                .setExecutionExceptionHandler(new FailureReport());
    }
}
