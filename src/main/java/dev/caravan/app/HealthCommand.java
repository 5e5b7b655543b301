package dev.caravan.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a serving process whether it is well, for containers and scripts that have no curl. */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Asks the process serving on this machine whether it is well: exit code 0 if it is, 1 if not.")
final class HealthCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Option(names = "--port", paramLabel = "N", description = "Its port (SERVER_PORT, or 8080)")
    private int port = Integer.parseInt(System.getenv().getOrDefault("SERVER_PORT", "8080"));

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/health");
        HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            command.commandLine().getOut().println(answer.body());
            return answer.statusCode() == 200 ? 0 : FailureReport.FAILED;
        } catch (IOException e) {
            command.commandLine().getErr().println("Nobody answers at " + uri + ": " + e.getMessage());
            return FailureReport.FAILED;
        }
    }
}
