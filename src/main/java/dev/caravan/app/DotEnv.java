package dev.caravan.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Reads a file {@code .env} of the working directory: lines {@code NAME=value}, {@code #} begins a comment, quotes around a
 * value are dropped, a leading {@code export} too. The environment proper wins.
 */
final class DotEnv implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final Path FILE = Path.of(".env");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        if (!Files.isRegularFile(FILE)) {
            return;
        }
        MutablePropertySources sources = context.getEnvironment().getPropertySources();
        try {
            sources.addAfter(
                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                    new SystemEnvironmentPropertySource(
                            "dotenv", parse(Files.readString(FILE, StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + FILE.toAbsolutePath(), e);
        }
    }

    static Map<String, Object> parse(String text) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            String stripped = line.strip();
            int equals = stripped.indexOf('=');
            if (stripped.startsWith("#") || equals < 1) {
                continue;
            }
            String name = stripped.substring(0, equals).strip().replaceFirst("^export\\s+", "");
            values.put(name, unquoted(stripped.substring(equals + 1).strip()));
        }
        return values;
    }

    private static String unquoted(String value) {
        if (value.length() > 1 && (value.startsWith("\"") || value.startsWith("'"))) {
            return value.charAt(value.length() - 1) == value.charAt(0) ? value.substring(1, value.length() - 1) : value;
        }
        return value;
    }
}
