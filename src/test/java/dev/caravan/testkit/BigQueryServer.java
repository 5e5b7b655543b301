package dev.caravan.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Behaves as BigQuery's REST API does, as far as a sink uses it: datasets, tables, streamed rows, load jobs by resumable upload, query
 * jobs with transactions. What it holds is in {@link BigQueryStore}. Faults happen as a test says. Safe for any number of threads.
 */
public final class BigQueryServer implements AutoCloseable {
    static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final Pattern TABLES =
            Pattern.compile("/bigquery/v2/projects/([^/]+)/datasets/([^/]+)(/tables(?:/([^/]+)(/insertAll)?)?)?");
    private static final Pattern JOBS = Pattern.compile("/bigquery/v2/projects/([^/]+)/(jobs|queries)(?:/([^/]+))?");
    private static final Pattern UPLOADS = Pattern.compile("/upload/bigquery/v2/projects/([^/]+)/jobs");

    private final HttpServer server;
    private final BigQueryStore store = new BigQueryStore();
    private final ExecutorService pool = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bigquery");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, ObjectNode> jobs = new ConcurrentHashMap<>();
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile Function<Call, @Nullable Fault> faults = call -> null;
    private volatile Function<JsonNode, @Nullable Refusal> failing = job -> null;
    private volatile int looks;
    private volatile boolean early;
    private volatile boolean unpacks;

    /** A request. */
    public record Call(String method, String path, int number) {
        /** Whether it is of this method and its path, with the query, has this part. */
        public boolean is(String name, String part) {
            return method.equals(name) && path.contains(part);
        }
    }

    /** What happens to a request beside what it asks for. */
    public enum Fault {
        /** The connection breaks before anything is done. */
        CUT,
        /** All is done, and nobody hears of it. */
        LOST,
        TOO_FAST,
        QUOTA,
        UNAVAILABLE,
        DENIED,
        UNKNOWN_CREDENTIAL
    }

    /** An error in the shape that BigQuery gives it. */
    static final class Refusal extends RuntimeException {
        final int code;
        final String reason;

        Refusal(int code, String reason, String message) {
            super(message);
            this.code = code;
            this.reason = reason;
        }

        ObjectNode error() {
            return JSON.createObjectNode().put("reason", reason).put("message", getMessage());
        }

        ObjectNode body() {
            ObjectNode body = JSON.createObjectNode();
            ObjectNode error = body.putObject("error").put("code", code).put("message", getMessage());
            error.putArray("errors").add(error().put("domain", "global"));
            return body;
        }
    }

    private record Upload(JsonNode job, ByteArrayOutputStream rows) {}

    private record Reply(int code, @Nullable JsonNode body, Map<String, String> headers) {
        static Reply of(JsonNode body) {
            return new Reply(200, body, Map.of());
        }
    }

    private BigQueryServer(HttpServer server) {
        this.server = server;
    }

    public static BigQueryServer start() {
        // Otherwise each answer waits 40 ms for the other side to say that it has its head.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            BigQueryServer server = new BigQueryServer(http);
            http.createContext("/", server::serve);
            http.setExecutor(server.pool);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public BigQueryStore store() {
        return store;
    }

    /** Says what happens to requests that come from now on. */
    public void faults(Function<Call, @Nullable Fault> how) {
        faults = how;
    }

    /** Has jobs end with an error and without an effect, given what they are to do. */
    public void failJobs(String kind, int times, int code, String reason, String message) {
        AtomicInteger left = new AtomicInteger(times);
        failing = job -> job.path("configuration").has(kind) && left.getAndDecrement() > 0
                ? new Refusal(code, reason, message)
                : null;
    }

    /** Has jobs run until they were looked at so many times. */
    public void slow(int timesLookedAt) {
        looks = timesLookedAt;
    }

    /** Takes compressed requests, as Google's servers do and others need not. */
    public void unpack() {
        unpacks = true;
    }

    /** Knows jobs that load from the moment their upload begins, without a state, as an emulator does that is in use. */
    public void knowJobsEarly() {
        early = true;
    }

    public List<Call> calls() {
        return List.copyOf(calls);
    }

    public void forgetCalls() {
        calls.clear();
    }

    /** Returns ids of jobs. */
    public List<String> jobs() {
        return jobs.keySet().stream().sorted().toList();
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            byte[] body = body(exchange);
            Call call = new Call(
                    exchange.getRequestMethod(), exchange.getRequestURI().toString(), numbers.incrementAndGet());
            calls.add(call);
            Fault fault = faults.apply(call);
            if (fault == Fault.CUT) {
                return;
            }
            Reply reply;
            try {
                if (fault != null && fault != Fault.LOST) {
                    throw refusal(fault);
                }
                reply = answer(exchange, body);
            } catch (Refusal e) {
                reply = new Reply(e.code, e.body(), Map.of());
            }
            if (fault == Fault.LOST) {
                return;
            }
            byte[] bytes = reply.body == null ? new byte[0] : JSON.writeValueAsBytes(reply.body);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            reply.headers.forEach(exchange.getResponseHeaders()::add);
            exchange.sendResponseHeaders(reply.code, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            // The other side is gone.
        }
    }

    private static Refusal refusal(Fault fault) {
        return switch (fault) {
            case TOO_FAST ->
                new Refusal(
                        403,
                        "rateLimitExceeded",
                        "Exceeded rate limits: too many table update operations for this table");
            case QUOTA -> new Refusal(403, "quotaExceeded", "Quota exceeded: Your project exceeded quota");
            case UNAVAILABLE ->
                new Refusal(503, "backendError", "Error encountered during execution. Retrying may help");
            case DENIED ->
                new Refusal(
                        403,
                        "accessDenied",
                        "Access Denied: Table: User does not have bigquery.tables.create permission");
            default -> new Refusal(401, "authError", "Request had invalid authentication credentials.");
        };
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!"gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
            return body;
        }
        if (!unpacks) {
            throw new IOException("No request is unpacked here");
        }
        return new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }

    private Reply answer(HttpExchange exchange, byte[] body) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        Matcher upload = UPLOADS.matcher(path);
        if (upload.matches()) {
            return upload(exchange, body);
        }
        JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        Matcher job = JOBS.matcher(path);
        if (job.matches()) {
            return job(method, job.group(1), job.group(2), job.group(3), asked);
        }
        Matcher table = TABLES.matcher(path);
        if (!table.matches()) {
            throw new Refusal(404, "notFound", "Not Found: " + path);
        }
        String dataset = table.group(2);
        store.requireDataset(table.group(1), dataset);
        String name = table.group(4);
        if (table.group(3) == null) {
            return Reply.of(JSON.createObjectNode()
                    .put("location", BigQueryStore.LOCATION)
                    .set(
                            "datasetReference",
                            JSON.createObjectNode()
                                    .put("projectId", table.group(1))
                                    .put("datasetId", dataset)));
        }
        if (name == null) {
            return Reply.of(store.create(dataset, (ObjectNode) asked));
        }
        if (table.group(5) != null) {
            return Reply.of(store.stream(dataset, name, asked));
        }
        return switch (method) {
            case "GET" -> Reply.of(store.table(dataset, name));
            case "DELETE" -> {
                store.drop(dataset, name);
                yield new Reply(204, null, Map.of());
            }
            default -> throw new Refusal(501, "notImplemented", method + " of a table");
        };
    }

    private Reply upload(HttpExchange exchange, byte[] body) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        if (exchange.getRequestMethod().equals("POST")) {
            JsonNode job = JSON.readTree(body);
            requireNew(job);
            String id = Integer.toString(numbers.incrementAndGet());
            uploads.put(id, new Upload(job, new ByteArrayOutputStream()));
            if (early) {
                jobs.put(job.path("jobReference").path("jobId").asText(), (ObjectNode) job);
            }
            return new Reply(
                    200,
                    null,
                    Map.of("Location", url() + exchange.getRequestURI().getPath() + "?upload_id=" + id));
        }
        Upload upload = uploads.get(query.replaceAll(".*upload_id=(\\d+).*", "$1"));
        String range = exchange.getRequestHeaders().getFirst("Content-Range");
        Matcher bytes =
                Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)").matcher(range);
        if (upload == null || !bytes.matches()) {
            throw new Refusal(404, "notFound", "No such upload");
        }
        synchronized (upload) {
            if (bytes.group(1) != null && Integer.parseInt(bytes.group(1)) == upload.rows.size()) {
                upload.rows.writeBytes(body);
            }
            if (bytes.group(3).equals("*")) {
                return new Reply(308, null, Map.of("Range", "bytes=0-" + (upload.rows.size() - 1)));
            }
            return Reply.of(run((ObjectNode) upload.job, upload.rows.toByteArray()));
        }
    }

    private Reply job(String method, String project, String kind, @Nullable String id, JsonNode asked) {
        if (kind.equals("queries")) {
            store.requireProject(project);
            if (id != null) {
                requireJob(project, id);
                return Reply.of(BigQueryStore.empty()); // none of the questions comes as a job
            }
            return Reply.of(store.query(asked));
        }
        if (method.equals("POST")) {
            return Reply.of(run((ObjectNode) asked, new byte[0]));
        }
        ObjectNode job = requireJob(project, String.valueOf(id));
        synchronized (job) {
            int left = job.path("looks").asInt();
            ObjectNode seen = job.deepCopy();
            if (left > 0) {
                job.put("looks", left - 1);
                seen.putObject("status").put("state", "RUNNING");
            }
            return Reply.of(seen);
        }
    }

    private ObjectNode requireJob(String project, String id) {
        ObjectNode job = jobs.get(id);
        if (job == null) {
            throw new Refusal(404, "notFound", "Not found: Job %s:%s".formatted(project, id));
        }
        return job;
    }

    private void requireNew(JsonNode job) {
        String id = job.path("jobReference").path("jobId").asText();
        if (!job.path("jobReference").has("location")) {
            ((ObjectNode) job.path("jobReference")).put("location", BigQueryStore.LOCATION); // where its tables are
        }
        if (!job.path("jobReference").path("location").asText().equals(BigQueryStore.LOCATION)) {
            throw new Refusal(404, "notFound", "Not found: Dataset was not found in location");
        }
        ObjectNode known = jobs.get(id);
        if (known != null && !(early && !known.has("status"))) {
            throw new Refusal(409, "duplicate", "Already Exists: Job " + id);
        }
    }

    /** A job is known before it is run, so that the same id never runs twice. */
    private ObjectNode run(ObjectNode job, byte[] rows) {
        synchronized (jobs) {
            requireNew(job);
            jobs.put(job.path("jobReference").path("jobId").asText(), job);
        }
        synchronized (job) {
            ObjectNode status = job.putObject("status").put("state", "DONE");
            try {
                Refusal refusal = failing.apply(job);
                if (refusal != null) {
                    throw refusal;
                }
                JsonNode load = job.path("configuration").path("load");
                if (load.isObject()) {
                    store.load(load, rows);
                } else {
                    JsonNode changed =
                            store.query(job.path("configuration").path("query")).path("numDmlAffectedRows");
                    job.putObject("statistics")
                            .putObject("query")
                            .put("statementType", changed.isMissingNode() ? "SCRIPT" : "INSERT")
                            .set("numDmlAffectedRows", changed.isMissingNode() ? null : changed);
                }
            } catch (Refusal e) {
                status.set("errorResult", e.error());
                ArrayNode errors = status.putArray("errors");
                errors.add(e.error());
            }
            job.put("looks", looks);
            ObjectNode answer = job.deepCopy();
            if (looks > 0) {
                answer.putObject("status").put("state", "RUNNING");
            }
            return answer;
        }
    }

    @Override
    public void close() {
        server.stop(0);
        pool.shutdownNow();
        store.close();
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static Map<String, String> parameters(JsonNode query) {
        Map<String, String> values = new HashMap<>();
        for (JsonNode each : query.path("queryParameters")) {
            values.put(
                    each.path("name").asText(),
                    each.path("parameterValue").path("value").asText());
        }
        return values;
    }
}
