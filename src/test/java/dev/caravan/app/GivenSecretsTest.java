package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GivenSecretsTest {
    @Test
    void readsFilesAndVariables(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "from-a-file\n");
        assertThat(GivenSecrets.read(
                        Map.of("acme.token", "@" + file, "acme.key", "env:KEY"),
                        Map.of("KEY", " from-a-variable ")::get))
                .containsOnly(Map.entry("acme.token", "from-a-file"), Map.entry("acme.key", "from-a-variable"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s3cret-value | a secret on the command line can be read by everybody on this machine",
                "@/no/such | /no/such cannot be read",
                "env:NONE | the variable NONE is not set"
            })
    void refusesOtherSourcesWithoutRepeatingASecret(String source, String message) {
        assertThatThrownBy(() -> GivenSecrets.read(Map.of("acme.token", source), Map.<String, String>of()::get))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("s3cret");
    }
}
