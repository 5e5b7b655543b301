package dev.caravan.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * What a Java machine can do at most with the same work and none of the promises: fetch, cut into records, gzip level 1. Nothing is
 * remembered, and nothing is safe.
 */
final class BareLoop {
    private BareLoop() {}

    /** Arguments: address of the API, page size, parts, folder. */
    public static void main(String[] arguments) throws Exception {
        int parts = Integer.parseInt(arguments[2]);
        ExecutorService pool = Executors.newFixedThreadPool(parts);
        List<Future<?>> all = new ArrayList<>();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int part = 0; part < parts; part++) {
            int each = part;
            all.add(pool.submit(() -> {
                pull(client, arguments[0], Integer.parseInt(arguments[1]), each, Path.of(arguments[3]));
                return null;
            }));
        }
        try {
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            e.printStackTrace();
            System.exit(1);
        }
        pool.shutdown();
    }

    private static void pull(HttpClient client, String address, int size, int part, Path folder)
            throws IOException, InterruptedException {
        try (OutputStream out = new Gzip(Files.newOutputStream(folder.resolve("part-" + part + ".ndjson.gz")))) {
            for (long offset = 0; offset >= 0; ) {
                HttpResponse<byte[]> answer = client.send(
                        HttpRequest.newBuilder(URI.create("%s/s0/items?part=%d&offset=%d&limit=%d"
                                        .formatted(address, part, offset, size)))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                if (answer.statusCode() == 429) {
                    Thread.sleep(1000 * answer.headers().firstValueAsLong("Retry-After").orElse(1));
                    continue;
                }
                offset = cut(answer.body(), out);
            }
        }
    }

    /** Writes the records of a page as lines, and returns the next offset, -1 without one. */
    private static long cut(byte[] page, OutputStream out) throws IOException {
        int depth = 0;
        int from = 0;
        int at = 0;
        boolean text = false;
        for (; at < page.length; at++) {
            byte each = page[at];
            if (text) {
                if (each == '\\') {
                    at++;
                } else if (each == '"') {
                    text = false;
                }
            } else if (each == '"') {
                text = true;
            } else if (each == '{' && ++depth == 2) {
                from = at;
            } else if (each == '}' && depth-- == 2) {
                out.write(page, from, at + 1 - from);
                out.write('\n');
            } else if (each == ']' && depth == 1) {
                break;
            }
        }
        String rest = new String(page, at, page.length - at, StandardCharsets.US_ASCII);
        String next = rest.substring(rest.indexOf(':') + 1, rest.indexOf('}'));
        return next.equals("null") ? -1 : Long.parseLong(next);
    }

    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, 64 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
