package dev.caravan.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Vendor files for an API that {@link FakeApi} plays, and its records. */
public final class AcmeRoutes {
    /** How requests of these files begin to be secret: no output, file or state may hold it. */
    public static final String SECRET = "acme-secret-5f0c91";

    private AcmeRoutes() {}

    /**
     * A vendor {@code name} with one stream {@code <name>-items} at {@code /<name>}: tokens of the body name the next page.
     *
     * @param more lines of the stream's properties, without indentation
     */
    public static String tokens(String name, String url, String... more) {
        return account(name, url) + stream(name, "items", "/" + name, more);
    }

    /** The connection of a vendor {@code name}; its streams follow, with pages as in {@link #tokens}. {@code <name>.rate} slows it. */
    public static String account(String name, String url) {
        return """
                - beans:
                    - name: %1$s
                      type: dev.caravan.Connection
                      properties:
                        url: %2$s
                        auth: {type: bearer, token: "{{acme.token}}"}
                        quotas: [{rate: "{{%1$s.rate:200}}", per: 1s}]
                        in-flight: 100
                        defaults:
                          records: $.data
                          key: id
                          cursor: {field: created, format: iso}
                          next: {from: body, value: $.next, to: query.page}
                          start: 2026-01-01
                """.formatted(name, url);
    }

    /**
     * A stream {@code <account>-<name>}.
     *
     * @param more lines of its properties, without indentation
     */
    public static String stream(String account, String name, String path, String... more) {
        return """
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: %s-%s
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties:
                          path: %s
                %s""".formatted(account, name, path, indented(more));
    }

    private static String indented(String... lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append("          ").append(line).append('\n');
        }
        return text.toString();
    }

    /** Returns the records {@code first} to {@code last}, both included, ten to a day from the second of January 2026. */
    public static List<String> records(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(i -> "{\"id\":\"%s\",\"created\":\"2026-01-%02dT00:00:%02dZ\",\"amount\":1.10}"
                        .formatted(id(i), 2 + (i - 1) / 10, i % 60))
                .toList();
    }

    public static List<String> ids(int first, int last) {
        List<String> ids = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            ids.add(id(i));
        }
        return ids;
    }

    private static String id(int number) {
        return "item-%05d".formatted(number);
    }
}
