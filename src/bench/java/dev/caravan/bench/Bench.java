package dev.caravan.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Lets every contestant do every cell, one process at a time, in turn, and prints a table of medians. A run counts only if its
 * oracle holds: every row once, no request repeated sooner than a 429 allowed.
 *
 * <p>Arguments: {@code --seconds 20} least length of a run, {@code --repeats 5}, {@code --cells a,b}, {@code --contestants a,b} (parts
 * of names), {@code --rows N} instead of as many as the seconds ask for.
 */
public final class Bench {
    private static final Path WORK = Path.of("target", "bench", "work").toAbsolutePath();
    private static final long LONGEST_MINUTES = 20;
    private static final long MOST_ROWS = 20_000_000;

    private static final Set<String> OPTIONS = Set.of("--seconds", "--repeats", "--rows", "--contestants", "--cells");

    private static final List<Cell> CELLS = List.of(
            Cell.of("1000", 1_000, 0, 0, 1),
            Cell.of("100", 100, 0, 0, 1),
            Cell.of("1000-slices8", 1_000, 0, 0, 8),
            Cell.of("100-50ms-slices8", 100, 50, 0, 8),
            Cell.of("1000-50ms", 1_000, 50, 0, 1),
            Cell.of("1000-429", 1_000, 0, 97, 1),
            new Cell("1000-parquet", 1_000, 0, 0, 1, 1, true),
            new Cell("1000-streams50", 1_000, 0, 0, 1, 50, false),
            new Cell("1000-streams200", 1_000, 0, 0, 1, 200, false));

    private static final List<Contestant> CONTESTANTS = List.of(
            new Contestant.Bare(),
            new Contestant.Curl(),
            new Contestant.Caravan(Contestant.Caravan.Kind.PLAIN),
            new Contestant.Caravan(Contestant.Caravan.Kind.IMAGE),
            new Contestant.Caravan(Contestant.Caravan.Kind.OWN_STEPS),
            new Contestant.Script("dlt", "dlt", 6_000),
            new Contestant.Script("Singer SDK", "singer", 5_000),
            new Contestant.Script("Airbyte CDK", "airbyte", 5_000),
            new Contestant.Script("Benthos (Redpanda Connect)", "benthos", 30_000));

    private final Map<String, String> options = new LinkedHashMap<>();

    private Bench(String... arguments) {
        for (int i = 0; i < arguments.length; i += 2) {
            if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
                System.err.println("usage: src/bench/run [--seconds 20] [--repeats 5] [--rows N]\n  --contestants "
                        + String.join(",", contestants())
                        + "\n  --cells " + String.join(",", cells()));
                System.exit(2);
            }
            options.put(arguments[i], arguments[i + 1]);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        new Bench(arguments).run();
    }

    private void run() throws IOException, InterruptedException {
        int repeats = Integer.parseInt(options.getOrDefault("--repeats", "5"));
        for (Cell cell : CELLS) {
            if (!isWanted("--cells", cell.name(), cells())) {
                continue;
            }
            Map<Contestant, List<Result>> results = new LinkedHashMap<>();
            Map<Contestant, Long> rows = new LinkedHashMap<>();
            for (Contestant each : CONTESTANTS) {
                String absence = isWanted("--contestants", each.name(), contestants()) ? each.absence(cell) : "not asked for";
                if (absence.isEmpty()) {
                    rows.put(each, enough(cell, each));
                    results.put(each, new ArrayList<>());
                } else {
                    System.err.printf("%s: %s: %s%n", cell.name(), each.name(), absence);
                }
            }
            for (int i = 0; i < repeats; i++) {
                for (Contestant each : rows.keySet()) {
                    Result result = once(cell, each, rows.get(each));
                    System.err.printf("%s: %s: %s%n", cell.name(), each.name(), result);
                    results.get(each).add(result);
                }
            }
            print(cell, results);
        }
    }

    /** Whether a name was asked for, or none was; a part of one is a name too, unless it is the whole of another. */
    private boolean isWanted(String option, String name, List<String> names) {
        String wanted = options.getOrDefault(option, "");
        return wanted.isEmpty()
                || Stream.of(wanted.split(","))
                        .anyMatch(each -> names.contains(each) ? name.equals(each) : name.contains(each));
    }

    private static List<String> contestants() {
        return CONTESTANTS.stream().map(Contestant::name).toList();
    }

    private static List<String> cells() {
        return CELLS.stream().map(Cell::name).toList();
    }

    /** Tries with few rows, and returns how many make a run long enough: a process that compiles itself is quicker later. */
    private long enough(Cell cell, Contestant contestant) throws IOException, InterruptedException {
        if (options.containsKey("--rows")) {
            return cell.rounded(Double.parseDouble(options.get("--rows")) / cell.streams());
        }
        double seconds = Double.parseDouble(options.getOrDefault("--seconds", "20"));
        double slow = cell.latency() == 0 ? 1 : 0.1;
        Result result = once(cell, contestant, cell.rounded(contestant.guess() * slow * 4 / cell.streams()));
        double rate = Double.isNaN(result.rate()) ? contestant.guess() * slow : result.rate();
        return cell.rounded(Math.min(MOST_ROWS, rate * seconds * 1.5) / cell.streams());
    }

    private Result once(Cell cell, Contestant contestant, long rows) throws IOException, InterruptedException {
        delete(WORK);
        Files.createDirectories(WORK);
        Process api = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MockApi.class.getName(),
                        Long.toString(rows),
                        Integer.toString(cell.slices()),
                        Integer.toString(cell.latency()),
                        Integer.toString(cell.every429()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(api.getInputStream()))) {
            String address = "http://127.0.0.1:" + said.readLine();
            List<String> command = new ArrayList<>(
                    List.of("/usr/bin/time", "-o", WORK.resolve("time.txt").toString(), "-f", "%U %S %M"));
            command.addAll(contestant.command(cell, address, WORK, rows));
            long began = System.currentTimeMillis();
            Process process = new ProcessBuilder(command)
                    .directory(WORK.toFile())
                    .redirectOutput(WORK.resolve("out.txt").toFile())
                    .redirectError(WORK.resolve("err.txt").toFile())
                    .start();
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return Result.failed("not ended within %d minutes".formatted(LONGEST_MINUTES));
            }
            return measured(cell, contestant, rows, process.exitValue(), began, stats(address));
        } finally {
            api.destroyForcibly();
        }
    }

    private static Result measured(Cell cell, Contestant contestant, long rows, int code, long began, long[] stats)
            throws IOException {
        String[] time = Files.readString(WORK.resolve("time.txt")).strip().lines().reduce((one, last) -> last).orElse("0 0 0").split(" ");
        if (code != 0) {
            return Result.failed("exit code %d: %s".formatted(code, tail(WORK.resolve("err.txt"))));
        }
        Rows.Checksum landed = new Rows.Checksum();
        long end = 0;
        try (Stream<Path> files = Files.walk(WORK)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String path = WORK.relativize(file).toString();
                if (contestant.isOutput(path)) {
                    landed.add(sum(file));
                }
                if (contestant.isEnd(path)) {
                    end = Math.max(end, Files.getLastModifiedTime(file).toMillis());
                }
            }
        }
        Rows.Checksum served = new Rows.Checksum();
        Rows.Checksum one = Rows.checksum(rows);
        for (int i = 0; i < cell.streams(); i++) {
            served.add(one);
        }
        if (!landed.equals(served)) {
            return Result.failed("landed %s, served %s".formatted(landed, served));
        }
        if (stats[3] > 0) {
            return Result.failed("%d requests sooner than a 429 allowed".formatted(stats[3]));
        }
        return new Result(
                landed.rows(),
                (end - stats[0]) / 1e3,
                (stats[0] - began) / 1e3,
                Double.parseDouble(time[0]) + Double.parseDouble(time[1]),
                Long.parseLong(time[2]) / 1024,
                stats[1],
                stats[2],
                "");
    }

    private static Rows.Checksum sum(Path file) throws IOException {
        if (file.toString().endsWith(".parquet")) {
            return sumOfParquet(file);
        }
        Rows.Scanner scanner = new Rows.Scanner();
        byte[] buffer = new byte[256 << 10];
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 64 << 10) : raw) {
            for (int read = in.readNBytes(buffer, 0, buffer.length); read > 0; read = in.readNBytes(buffer, 0, buffer.length)) {
                scanner.read(buffer, read);
            }
        }
        return scanner.sum();
    }

    /** DuckDB reads what others wrote: it stands in Caravan's jar, but is nobody's here. */
    private static Rows.Checksum sumOfParquet(Path file) throws IOException {
        String query = "SELECT id, split_part(substr(email, 6), '@', 1), amount FROM read_parquet('" + file + "')";
        Rows.Checksum sum = new Rows.Checksum();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                byte[] mail = rows.getString(2).getBytes(StandardCharsets.US_ASCII);
                byte[] amount = rows.getString(3).getBytes(StandardCharsets.US_ASCII);
                sum.add(rows.getLong(1), mail, 0, mail.length, amount, 0, amount.length);
            }
        } catch (SQLException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
        return sum;
    }

    /** First request, requests, refused, impatient, bytes. */
    private static long[] stats(String address) throws IOException, InterruptedException {
        String text = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address + "/_stats")).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return Stream.of(text.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    private static String tail(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private static void print(Cell cell, Map<Contestant, List<Result>> results) {
        System.out.printf(
                "%n%s: pages of %d, %d ms latency, %s, %d slices, %d streams%n%n",
                cell.name(),
                cell.page(),
                cell.latency(),
                cell.every429() == 0 ? "no 429" : "a 429 every " + cell.every429() + " requests",
                cell.slices(),
                cell.streams());
        System.out.println("| | rec/s | of the first | MB/s | rows | seconds | start, s | CPU s per 1 M rows | peak MB | 429s |");
        System.out.println("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        double first = Double.NaN;
        for (Map.Entry<Contestant, List<Result>> each : results.entrySet()) {
            List<Result> good = each.getValue().stream().filter(Result::isGood).sorted(Comparator.comparingDouble(Result::rate)).toList();
            if (good.size() <= each.getValue().size() / 2) {
                System.out.printf("| %s | no figure: %s |%n", cell(each.getKey()), each.getValue().stream().filter(result -> !result.isGood()).findFirst().map(Result::problem).orElse(""));
                continue;
            }
            Result median = good.get(good.size() / 2);
            if (Double.isNaN(first)) {
                first = median.rate();
            }
            System.out.printf(
                    "| %s | %,.0f | %s | %.1f | %,d | %.1f | %.1f | %.1f | %d | %d |%n",
                    cell(each.getKey()),
                    median.rate(),
                    "%.2f".formatted(median.rate() / first),
                    median.rate() * Rows.bytes() / 1e6,
                    median.rows(),
                    median.seconds(),
                    median.start(),
                    median.cpu() / median.rows() * 1e6,
                    median.peak(),
                    median.refused());
        }
    }

    /** A name within a table of Markdown. */
    private static String cell(Contestant contestant) {
        return contestant.name().replace("|", "\\|");
    }

    /** What a run came to; without a figure if its oracle does not hold. */
    private record Result(
            long rows, double seconds, double start, double cpu, long peak, long requests, long refused, String problem) {
        static Result failed(String problem) {
            return new Result(0, Double.NaN, 0, 0, 0, 0, 0, problem);
        }

        boolean isGood() {
            return problem.isEmpty();
        }

        double rate() {
            return rows / seconds;
        }

        @Override
        public String toString() {
            return isGood()
                    ? "%,.0f rec/s, %,d rows in %.1f s, started in %.1f s, %.1f CPU s, %d MB, %d requests, %d refused"
                            .formatted(rate(), rows, seconds, start, cpu, peak, requests, refused)
                    : problem;
        }
    }
}
