package dev.caravan.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The variables that the documentation promises, each read through the placeholder beside it. */
class KnownVariablesTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[^}]+}}");
    private static final Pattern VARIABLE = Pattern.compile("`([A-Z][A-Z0-9_]+)`");

    @ParameterizedTest
    @MethodSource("promised")
    void aVariableThatUsersKnowIsRead(String variable, List<String> placeholders) {
        SystemEnvironmentPropertySource environment =
                new SystemEnvironmentPropertySource("environment", Map.of(variable, "value of " + variable));
        assertThat(placeholders.stream().map(each -> filled(each, environment)))
                .containsOnlyOnce("value of " + variable);
    }

    static Stream<Arguments> promised() throws IOException {
        List<Arguments> all = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src", "docs", "credentials.md"))) {
            List<String> placeholders = PLACEHOLDER
                    .matcher(line.replace("\\|", "|"))
                    .results()
                    .map(MatchResult::group)
                    .toList();
            if (line.startsWith("| ") && !placeholders.isEmpty()) {
                VARIABLE.matcher(line).results().forEach(found -> all.add(Arguments.of(found.group(1), placeholders)));
            }
        }
        assertThat(all).hasSizeGreaterThan(25);
        return all.stream();
    }

    private static String filled(String placeholder, SystemEnvironmentPropertySource environment) {
        String vendor = placeholder.replaceAll("\\{\\{\\??([a-z0-9-]+)\\..*", "$1");
        return new Placeholders(vendor, vendor, text -> resolved(text, environment))
                .fillOrEmpty(TextNode.valueOf(placeholder))
                .asText();
    }

    private static String resolved(String text, SystemEnvironmentPropertySource environment) {
        Matcher key = Pattern.compile("\\{\\{([^:}]+)}}").matcher(text);
        Object value = key.matches() ? environment.getProperty(key.group(1)) : null;
        if (value == null) {
            throw new IllegalArgumentException("no value for " + text);
        }
        return value.toString();
    }
}
