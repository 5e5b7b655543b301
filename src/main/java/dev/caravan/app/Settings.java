package dev.caravan.app;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** Fills the placeholders of a text through Camel, and with it the vaults that Camel speaks to. */
final class Settings implements UnaryOperator<String> {
    private static final Pattern VAULT =
            Pattern.compile("\\{\\{\\??(aws|gcp|azure|hashicorp|ibm|cyberark|secret|configmap):");

    /** The part of Camel that brings each. */
    private static final Map<String, String> PARTS = Map.of(
            "aws", "camel-aws-secrets-manager",
            "gcp", "camel-google-secret-manager",
            "azure", "camel-azure-key-vault",
            "hashicorp", "camel-hashicorp-vault",
            "ibm", "camel-ibm-secrets-manager",
            "cyberark", "camel-cyberark-vault",
            "secret", "camel-kubernetes",
            "configmap", "camel-kubernetes");

    private static final Pattern NAME = Pattern.compile("\\{\\{\\??([\\w.-]+)");

    private final CamelContext context;
    private final Consumer<String> read;

    Settings(CamelContext context) {
        this(context, name -> {});
    }

    /** @param read told of every setting that is asked for; throws if it is there and cannot be read, which Camel would hide */
    Settings(CamelContext context, Consumer<String> read) {
        this.context = context;
        this.read = read;
    }

    /**
     * @throws IllegalArgumentException if a setting has no value
     * @throws IllegalStateException if its vault is not there
     */
    @Override
    public String apply(String text) {
        Matcher vault = VAULT.matcher(text);
        while (vault.find()) {
            String name = vault.group(1);
            // Camel would take what it does not know for the name of a setting, and the secret's name for its default.
            if (context.getPropertiesComponent().getPropertiesFunction(name) == null) {
                throw new IllegalStateException(
                        "{{%s:…}} asks a vault, for which this application lacks %s: add it to the build, or set the secret otherwise"
                                .formatted(name, PARTS.get(name)));
            }
        }
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            read.accept(name.group(1));
        }
        return context.resolvePropertyPlaceholders(text);
    }
}
