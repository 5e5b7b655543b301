package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Calls one vendor of a sandbox as a client of it would. */
record Caller(HttpClient client, Sandbox sandbox, String vendor, Map<String, String> headers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Caller of(Sandbox sandbox, String host, String... headers) {
        Map<String, String> pairs = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            pairs.put(headers[i], headers[i + 1]);
        }
        return new Caller(HttpClient.newHttpClient(), sandbox, "https://" + host, pairs);
    }

    Caller with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Caller(client, sandbox, vendor, more);
    }

    HttpResponse<String> get(String path) {
        return send(sandbox.address(URI.create(vendor + path)), "GET");
    }

    /** Posts JSON. */
    HttpResponse<String> post(String path, Object body) {
        try {
            return with("Content-Type", "application/json")
                    .send(
                            sandbox.address(URI.create(vendor + path)),
                            "POST",
                            HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> send(URI address, String method) {
        return send(address, method, HttpRequest.BodyPublishers.noBody());
    }

    private HttpResponse<String> send(URI address, String method, HttpRequest.BodyPublisher body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20)).method(method, body);
        headers.forEach(request::setHeader);
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    JsonNode json(String path) {
        return parsed(get(path));
    }

    /** Makes a control call, such as {@code POST edit?host=..}. */
    JsonNode control(String call) {
        int space = call.indexOf(' ');
        URI address = sandbox.base().resolve("/_control/" + call.substring(space + 1));
        return parsed(send(address, call.substring(0, space)));
    }

    static JsonNode parsed(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
