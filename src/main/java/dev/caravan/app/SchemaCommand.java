package dev.caravan.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of vendor files. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Prints the JSON Schema of vendor files, with which editors check and complete them. Put it beside them"
                        + " and name it in their first line: # yaml-language-server: $schema=vendor-file.schema.json")
final class SchemaCommand implements Callable<Integer> {
    static final String RESOURCE = "/caravan/vendor-file.schema.json";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        try (InputStream schema = Objects.requireNonNull(SchemaCommand.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            command.commandLine().getOut().print(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
            return 0;
        }
    }
}
