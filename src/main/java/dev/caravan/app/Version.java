package dev.caravan.app;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "caravan "
                    + Objects.requireNonNullElse(
                            Version.class.getPackage().getImplementationVersion(), "(not from a jar)")
        };
    }
}
