package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Settings settings = new Settings(context);

    @Test
    void fillsPlaceholdersAsCamelDoes() {
        Properties properties = new Properties();
        properties.setProperty("acme.token", "abc");
        context.getPropertiesComponent().setInitialProperties(properties);
        assertThat(settings.apply("Key {{acme.token}} {{acme.other:def}}")).isEqualTo("Key abc def");
        assertThatThrownBy(() -> settings.apply("{{acme.missing}}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void asksTheVaultThatThePlaceholderNames() {
        context.getPropertiesComponent().addPropertiesFunction(new PropertiesFunction() {
            @Override
            public String getName() {
                return "aws";
            }

            @Override
            public String apply(String remainder) {
                return "value of " + remainder;
            }
        });
        assertThat(settings.apply("{{aws:prod/acme#token}}")).isEqualTo("value of prod/acme#token");
    }

    @ParameterizedTest
    @CsvSource({
        "{{aws:prod/acme}}, camel-aws-secrets-manager",
        "{{gcp:acme}}, camel-google-secret-manager",
        "{{?hashicorp:secret:acme}}, camel-hashicorp-vault",
        "{{azure:acme:fallback}}, camel-azure-key-vault"
    })
    void neverTakesTheNameOfASecretForTheSecret(String text, String part) {
        assertThatThrownBy(() -> settings.apply(text))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this application lacks " + part);
    }
}
