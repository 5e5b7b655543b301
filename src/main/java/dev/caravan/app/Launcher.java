package dev.caravan.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts the application for a command. */
final class Launcher {
    private final List<String> springArguments;
    private final Map<String, Object> secrets;

    /** @param springArguments settings of the form {@code --a.b=c}, which are Spring's */
    Launcher(List<String> springArguments) {
        this(springArguments, Map.of());
    }

    private Launcher(List<String> springArguments, Map<String, Object> secrets) {
        this.springArguments = List.copyOf(springArguments);
        this.secrets = Map.copyOf(secrets);
    }

    /** Returns one that gives these secrets, by the names of their settings, to what it starts. */
    Launcher with(Map<String, Object> given) {
        return new Launcher(springArguments, given);
    }

    ConfigurableApplicationContext start(LaunchPlan plan) {
        TemporaryFolder.ensure(springArguments);
        SpringApplication application = new SpringApplication(Wiring.class);
        application.setWebApplicationType(
                plan.mode() == LaunchPlan.Mode.SERVE ? WebApplicationType.SERVLET : WebApplicationType.NONE);
        application.setLogStartupInfo(false);
        // What nobody asks for in this process need not be made: half a second of the start.
        application.setLazyInitialization(true);
        application.addInitializers(new DotEnv(), new Secrets(secrets));
        application.addInitializers(context -> context.getBeanFactory().registerSingleton("launchPlan", plan));
        return application.run(arguments(plan).toArray(String[]::new));
    }

    /** A command says itself how its runs ended, so their log lines are for {@code serve}; a damaged database is not a run. */
    private List<String> arguments(LaunchPlan plan) {
        if (plan.mode() == LaunchPlan.Mode.SERVE) {
            return springArguments;
        }
        List<String> arguments = new ArrayList<>();
        // Spring's own beans of JMX are for the console; making them takes a twelfth of a start. Camel's stay.
        arguments.add("--spring.jmx.enabled=false");
        arguments.add("--logging.level.dev.caravan=off");
        arguments.add("--logging.level.dev.caravan.commit=warn");
        arguments.addAll(springArguments);
        return arguments;
    }
}
