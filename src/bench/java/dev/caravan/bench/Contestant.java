package dev.caravan.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Somebody who pulls everything from the mock API into a folder, as a process of its own. */
abstract class Contestant {
    private final String name;
    private final double guess;

    /** @param guess rows a second, for the first try */
    Contestant(String name, double guess) {
        this.name = name;
        this.guess = guess;
    }

    final String name() {
        return name;
    }

    final double guess() {
        return guess;
    }

    /** Returns why it cannot take part in a cell, empty if it can. */
    String absence(Cell cell) throws IOException {
        if (cell.parquet() && !writesParquet()) {
            return "no Parquet";
        }
        return cell.streams() == 1 ? "" : "one stream only";
    }

    boolean writesParquet() {
        return false;
    }

    /** Returns the command that pulls {@code rows} rows of every stream; it runs in {@code folder}. */
    abstract List<String> command(Cell cell, String address, Path folder, long rows) throws IOException;

    /** Tells whether a file below the folder holds rows that count. */
    boolean isOutput(String path) {
        return Stream.of(".gz", ".jsonl", ".ndjson", ".parquet").anyMatch(path::endsWith);
    }

    /** Tells whether the time of a file is that of the last thing that counts. */
    boolean isEnd(String path) {
        return isOutput(path);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The built jar as the README says it, {@code -Xmx256m}, meters and JMX on, keys remembered, every batch committed. */
    static final class Caravan extends Contestant {
        private static final Path CACHE = Path.of("target", "bench", "caravan.aot").toAbsolutePath();

        /** How it is started, and what it is told. */
        enum Kind {
            PLAIN("caravan", 60_000),
            /** As its image starts it: Java 25, with a cache of a minute of serving. */
            IMAGE("caravan, as its image starts it", 70_000),
            OWN_STEPS("caravan, own steps per record", 20_000);

            private final String title;
            private final double guess;

            Kind(String title, double guess) {
                this.title = title;
                this.guess = guess;
            }
        }

        private final Kind kind;

        Caravan(Kind kind) {
            super(kind.title, kind.guess);
            this.kind = kind;
        }

        @Override
        String absence(Cell cell) {
            if (kind == Kind.IMAGE && !Files.isReadable(CACHE)) {
                return "no Java 25: IMAGE_JAVA=/path/to/jdk-25/bin/java";
            }
            return kind == Kind.OWN_STEPS && cell.streams() > 1 ? "not in this cell" : "";
        }

        @Override
        boolean writesParquet() {
            return true;
        }

        @Override
        List<String> command(Cell cell, String address, Path folder, long rows) throws IOException {
            Path routes = Files.createDirectories(folder.resolve("routes"));
            Files.writeString(routes.resolve("bench.camel.yaml"), vendor(cell, address), StandardCharsets.UTF_8);
            List<String> command = new ArrayList<>(
                    kind == Kind.IMAGE ? List.of(System.getenv("IMAGE_JAVA"), "-XX:AOTCache=" + CACHE) : List.of(java()));
            command.addAll(List.of(
                    "-Xmx256m",
                    "-jar",
                    Path.of("target", "caravan.jar").toAbsolutePath().toString(),
                    "pull",
                    "bench",
                    "--json",
                    "--caravan.sink=" + (cell.parquet() ? "parquet" : "ndjson"),
                    "--caravan.requests-per-second=100000"));
            return command;
        }

        private String vendor(Cell cell, String address) {
            StringBuilder yaml = new StringBuilder(
                    """
                    - beans:
                        - name: bench
                          type: dev.caravan.Connection
                          properties:
                            url: %s
                            auth: {type: none}
                            quotas: [{rate: 100000, per: 1s}]
                            in-flight: 64
                            outcomes: [{status: 429, then: retry}]
                    """
                            .formatted(address));
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < cell.slices(); i++) {
                parts.add(Integer.toString(i));
            }
            for (int i = 0; i < cell.streams(); i++) {
                yaml.append(
                        """
                        - templatedRoute:
                            routeTemplateRef: stream
                            routeId: bench-s%d
                            beans:
                              - name: spec
                                type: dev.caravan.Stream
                                properties:
                                  path: /s%d/items
                                  query: {part: "${partition.part}", limit: %d}
                                  partitions: {of: part, values: "%s"}
                                  parallel: %d
                                  records: $.data
                                  key: id
                                  max-pages: 1000000
                                  next: {from: body, value: $.next_offset, to: query.offset}
                        """
                                .formatted(i, i, cell.page(), String.join(", ", parts), cell.slices()));
                if (kind == Kind.OWN_STEPS) {
                    yaml.append("          each: direct:own\n");
                }
            }
            if (kind == Kind.OWN_STEPS) {
                yaml.append(
                        """
                        - route:
                            id: own
                            from:
                              uri: direct:own
                              steps:
                                - filter:
                                    expression: {simple: {expression: "${body[status]} == 'gone'"}}
                                    steps:
                                      - setBody: {expression: {constant: {expression: ""}}}
                        """);
            }
            return yaml.toString();
        }

        @Override
        boolean isOutput(String path) {
            return path.startsWith("data/bench/") && super.isOutput(path);
        }

        @Override
        boolean isEnd(String path) {
            return path.contains("/_commits/") && path.endsWith(".json");
        }
    }

    static final class Bare extends Contestant {
        Bare() {
            super("bare Java loop", 100_000);
        }

        @Override
        List<String> command(Cell cell, String address, Path folder, long rows) {
            return List.of(
                    java(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    BareLoop.class.getName(),
                    address,
                    Integer.toString(cell.page()),
                    Integer.toString(cell.slices()),
                    ".");
        }
    }

    /** {@code curl | gzip -1}, one pair for each slice; pages land as they are, not cut into records. */
    static final class Curl extends Contestant {
        Curl() {
            super("curl | gzip -1", 150_000);
        }

        @Override
        String absence(Cell cell) throws IOException {
            return Files.isExecutable(Path.of("/usr/bin/curl")) ? super.absence(cell) : "no /usr/bin/curl";
        }

        @Override
        List<String> command(Cell cell, String address, Path folder, long rows) {
            long share = rows / cell.slices();
            return List.of(
                    "/bin/sh",
                    "-c",
                    ("for p in $(seq 0 %d); do (curl -sS --fail --retry 50 '%s/s0/items?part='$p'&limit=%d&offset=[0-%d:%d]'"
                                    + " | gzip -1 > part-$p.gz) & done; wait")
                            .formatted(cell.slices() - 1, address, cell.page(), share - cell.page(), cell.page()));
        }
    }

    /** A program of another language, prepared by {@code src/bench/contestants/<name>/prepare}. */
    static final class Script extends Contestant {
        private final String folder;

        Script(String name, String folder, double guess) {
            super(name, guess);
            this.folder = folder;
        }

        @Override
        String absence(Cell cell) throws IOException {
            if (cell.slices() > 1) {
                return "one slice only";
            }
            return Files.isExecutable(ready()) ? super.absence(cell) : "not prepared: src/bench/contestants/prepare " + folder;
        }

        @Override
        boolean writesParquet() {
            return folder.equals("dlt");
        }

        private Path ready() {
            return Path.of("target", "bench", folder, "run").toAbsolutePath();
        }

        @Override
        List<String> command(Cell cell, String address, Path work, long rows) {
            return List.of(
                    ready().toString(),
                    address,
                    Integer.toString(cell.page()),
                    work.toAbsolutePath().toString(),
                    Long.toString(rows),
                    cell.parquet() ? "parquet" : "jsonl");
        }

        @Override
        boolean isOutput(String path) {
            return path.startsWith("out/") && super.isOutput(path);
        }
    }
}
