package dev.caravan.app;

import dev.caravan.secret.GivenKeys;
import dev.caravan.secret.KeyFile;
import dev.caravan.secret.KeySource;
import dev.caravan.secret.SecretEntry;
import dev.caravan.secret.SecretStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Puts secrets among the settings, in their order: those given to the command, those stored for the connection, and then all
 * that is set elsewhere. The stored one called {@code token} of the connection {@code north} is the setting {@code north.token}.
 */
final class Secrets implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String STORED = "storedSecrets";

    private final Map<String, Object> given;

    Secrets(Map<String, Object> given) {
        this.given = Map.copyOf(given);
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        Path folder = Path.of(environment.getProperty("caravan.data", "data"))
                .resolve("state")
                .resolve("credentials");
        SecretStore store = new SecretStore(folder, keys(environment, folder, context), Clock.systemUTC());
        context.getBeanFactory().registerSingleton("secretStore", store);
        MutablePropertySources sources = environment.getPropertySources();
        if (sources.contains(CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME)) {
            sources.addAfter(CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME, new Stored(store));
        } else {
            sources.addFirst(new Stored(store));
        }
        sources.addFirst(new MapPropertySource("givenSecrets", given));
    }

    private static KeySource keys(
            ConfigurableEnvironment environment, Path folder, ConfigurableApplicationContext context) {
        String key = environment.getProperty("caravan.key", "");
        if (!key.isBlank()) {
            // Asked for when it is needed: a vault answers only once Camel is there.
            return new GivenKeys("caravan.key (CARAVAN_KEY)", () -> key.contains("{{") ? vaulted(context, key) : key);
        }
        String file = environment.getProperty("caravan.key-file", "");
        return new KeyFile(file.isBlank() ? folder.resolve("key") : Path.of(file));
    }

    /** @throws dev.caravan.secret.SecretException if a secret is stored for the setting and cannot be read */
    static void check(ConfigurableEnvironment environment, String setting) {
        PropertySource<?> stored = environment.getPropertySources().get(STORED);
        if (stored != null) {
            stored.getProperty(setting);
        }
    }

    private static String vaulted(ConfigurableApplicationContext context, String text) {
        return new Settings(context.getBean(CamelContext.class)).apply(text);
    }

    /** Stored secrets as settings. The names are read without the key, which is asked for only where one is stored. */
    private static final class Stored extends PropertySource<SecretStore> {
        Stored(SecretStore store) {
            super(STORED, store);
        }

        @Override
        public @Nullable Object getProperty(String name) {
            if (name.indexOf('.') < 1 || name.startsWith("spring.") || name.startsWith("caravan.")) {
                return null;
            }
            for (SecretEntry entry : getSource().entries()) {
                if (name.equals(entry.connection() + "." + entry.name())) {
                    return getSource().read(entry.connection(), entry.name()).orElse(null);
                }
            }
            return null;
        }
    }
}
