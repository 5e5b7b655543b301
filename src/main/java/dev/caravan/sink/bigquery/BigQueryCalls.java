package dev.caravan.sink.bigquery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.api.client.http.HttpResponseException;
import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.BigQueryError;
import com.google.cloud.bigquery.BigQueryException;
import com.google.cloud.bigquery.BigQueryOptions;
import com.google.cloud.bigquery.Dataset;
import com.google.cloud.bigquery.DatasetId;
import com.google.cloud.bigquery.FieldValueList;
import com.google.cloud.bigquery.Job;
import com.google.cloud.bigquery.JobId;
import com.google.cloud.bigquery.JobStatus;
import com.google.cloud.bigquery.QueryJobConfiguration;
import com.google.cloud.bigquery.QueryParameterValue;
import com.google.cloud.bigquery.Table;
import com.google.cloud.bigquery.TableId;
import com.google.cloud.bigquery.TableInfo;
import com.google.cloud.http.HttpTransportOptions;
import dev.caravan.sink.Patience;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of BigQuery. Trouble that passes, and quotas that are used up for the moment, are waited for within bounds; every request
 * may be repeated. Sinks of one address and credential share a client, which is made when it is first needed.
 */
final class BigQueryCalls {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int ANSWER_MILLIS = 120_000;
    /** Where a wait was ended, which no server answers. */
    private static final int INTERRUPTED = 499;

    private static final int MOST_SAID = 200;
    private static final String SCOPE = "https://www.googleapis.com/auth/bigquery";

    /** Tries of one request: with the pauses between them, four minutes. */
    private static final int MOST_TRIES = 11;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(32);
    private static final Duration FIRST_LOOK = Duration.ofMillis(100);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
    /** How long a job is waited for also by a run that is to pause: most are done by then. */
    private static final Duration GRACE = Duration.ofSeconds(30);
    /** How long a job is waited for; it goes on without us, and is asked for again. */
    private static final Duration LONGEST_JOB = Duration.ofMinutes(60);

    private static final Set<Integer> PASSING_CODES = Set.of(408, 429, 500, 502, 503, 504);
    private static final Set<String> PASSING_REASONS = Set.of(
            "rateLimitExceeded",
            "quotaExceeded",
            "backendError",
            "internalError",
            "jobBackendError",
            "jobInternalError",
            "jobRateLimitExceeded",
            "tableUnavailable");

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final Map<Access, BigQuery> CLIENTS = new ConcurrentHashMap<>();

    private final Access access;
    private final String dataset;
    private final Patience patience;
    private volatile @Nullable String location;

    private record Access(
            String project,
            @Nullable String location,
            @Nullable String endpoint,
            @Nullable String credentials) {}

    /** Whether what a job did is still there. */
    interface Check {
        boolean isThere();
    }

    /** Starts a job. */
    interface Start {
        @Nullable
        Job start(JobId id) throws IOException;
    }

    private BigQueryCalls(Access access, String dataset, Patience patience) {
        this.access = access;
        this.dataset = dataset;
        this.patience = patience;
        this.location = access.location();
    }

    static BigQueryCalls to(BigQuerySettings settings, Patience patience) {
        return new BigQueryCalls(
                new Access(settings.project(), settings.location(), settings.endpoint(), settings.credentials()),
                settings.dataset(),
                patience);
    }

    private static BigQuery client(Access access) {
        String endpoint = access.endpoint();
        HttpTransportOptions.Builder transport = HttpTransportOptions.newBuilder()
                .setConnectTimeout(CONNECT_MILLIS)
                .setReadTimeout(ANSWER_MILLIS);
        BigQueryOptions.Builder options = BigQueryOptions.newBuilder()
                .setProjectId(access.project())
                // Trouble that passes is waited for here, in one place.
                .setRetrySettings(RetrySettings.newBuilder().setMaxAttempts(1).build())
                .setTransportOptions(endpoint == null ? transport.build() : new PlainTransport(transport));
        if (access.location() != null) {
            options.setLocation(access.location());
        }
        if (endpoint != null) {
            options.setHost(endpoint);
        }
        String key = access.credentials();
        try {
            if (key != null) {
                options.setCredentials(
                        GoogleCredentials.fromStream(new ByteArrayInputStream(key.getBytes(StandardCharsets.UTF_8)))
                                .createScoped(SCOPE));
            } else if (endpoint != null && endpoint.startsWith("http:")) {
                options.setCredentials(NoCredentials.getInstance()); // an emulator, which nobody else sends one to
            } else {
                options.setCredentials(GoogleCredentials.getApplicationDefault().createScoped(SCOPE));
            }
        } catch (IOException e) {
            throw new BigQueryException(401, "there is no credential that can be used: " + e.getMessage(), e);
        }
        return options.build().getService();
    }

    BigQuery client() {
        return CLIENTS.computeIfAbsent(access, BigQueryCalls::client);
    }

    TableId id(String table) {
        return TableId.of(access.project(), dataset, table);
    }

    /** Returns a table as it is written in SQL. */
    String sql(String table) {
        return "%s.%s.%s"
                .formatted(BigQueryNames.sql(access.project()), BigQueryNames.sql(dataset), BigQueryNames.sql(table));
    }

    @Nullable
    Table table(String name) {
        return call(() -> client().getTable(id(name)));
    }

    /** Makes a table, unless it is there. */
    void create(TableInfo table) {
        call(() -> {
            try {
                return client().create(table);
            } catch (BigQueryException e) {
                if (e.getCode() == 409) {
                    return null;
                }
                throw e;
            }
        });
    }

    void delete(String table) {
        call(() -> client().delete(id(table)));
    }

    /** Asks, or changes a table; only for what may be done twice. */
    List<FieldValueList> query(String sql, Map<String, String> parameters) {
        return call(() -> {
            List<FieldValueList> rows = new ArrayList<>();
            for (FieldValueList row :
                    client().query(configuration(sql, parameters)).iterateAll()) {
                rows.add(row);
            }
            return rows;
        });
    }

    static QueryJobConfiguration configuration(String sql, Map<String, String> parameters) {
        QueryJobConfiguration.Builder query =
                QueryJobConfiguration.newBuilder(sql).setUseLegacySql(false).setUseQueryCache(false);
        parameters.forEach((name, value) -> query.addNamedParameter(name, QueryParameterValue.string(value)));
        return query.build();
    }

    /**
     * Has a job done once, however often it is asked for and by whom. Its id begins with {@code base}, which says what it does, and ends
     * with a number: the next one is only started when the one before is known to have failed, or what it did was lost.
     *
     * @return whether it was started here and now; if not, it may have done less than this one would
     * @throws BigQueryException if it failed, or does not end
     */
    boolean once(String base, Start start, Check check) {
        Duration pause = FIRST_PAUSE;
        boolean ours = false;
        int mine = -1;
        String said = "job %s is to be looked for".formatted(base);
        for (int tries = 0; tries <= MOST_TRIES; tries++) {
            int number = last(base);
            Job last = number < 0 ? null : ended(id(base, number));
            BigQueryError error = last == null ? null : error(last);
            if (last != null && error == null && (number == mine || check.isThere())) {
                return number == mine;
            }
            if (ours && last != null && error != null && (tries == MOST_TRIES || !isPassing(failure(last, error)))) {
                throw failure(last, error);
            }
            if (ours) {
                pause(pause, error == null ? said : String.valueOf(error.getMessage()));
                pause = longer(pause);
            }
            ours = true;
            try {
                Job made = start.start(id(base, number + 1));
                mine = number + 1;
                if (made != null && isDone(made) && error(made) == null) {
                    return true;
                }
            } catch (IOException | BigQueryException e) {
                BigQueryException trouble = told(e);
                if (trouble.getCode() != 409 && (tries == MOST_TRIES || !isPassing(trouble))) {
                    throw trouble;
                }
                // Somebody else started it; or whether it was started is not known, and is asked for.
                said = String.valueOf(trouble.getMessage());
            }
        }
        throw new BigQueryException(504, "job %s is not done after %d tries".formatted(base, MOST_TRIES));
    }

    private JobId id(String base, int number) {
        return JobId.newBuilder()
                .setProject(access.project())
                .setLocation(location())
                .setJob(base + "_" + number)
                .build();
    }

    /** A job is found by its id only where it runs, which is where the dataset is. */
    private String location() {
        String known = location;
        if (known == null) {
            Dataset there = call(() -> client().getDataset(DatasetId.of(access.project(), dataset)));
            if (there == null) {
                throw new BigQueryException(404, "Not found: Dataset %s:%s".formatted(access.project(), dataset));
            }
            known = there.getLocation() == null ? "US" : there.getLocation();
            location = known;
        }
        return known;
    }

    /** Returns the number of the last job of these, -1 if there is none. There is none after one that is not there. */
    private int last(String base) {
        int there = -1;
        int missing = 0;
        while (isThere(base, missing)) {
            there = missing;
            missing = 2 * missing + 1;
        }
        while (missing - there > 1) {
            int middle = (there + missing) >>> 1;
            if (isThere(base, middle)) {
                there = middle;
            } else {
                missing = middle;
            }
        }
        return there;
    }

    private boolean isThere(String base, int number) {
        return call(() -> client().getJob(id(base, number))) != null;
    }

    private Job ended(JobId id) {
        Duration look = FIRST_LOOK;
        Duration waited = Duration.ZERO;
        while (true) {
            Job job = call(() -> client().getJob(id));
            if (job == null) {
                throw new BigQueryException(404, "job %s was there and is not any more".formatted(id.getJob()));
            }
            if (isDone(job) || (job.getStatus() == null && waited.compareTo(GRACE) > 0)) {
                return job;
            }
            if (waited.compareTo(LONGEST_JOB) > 0) {
                throw new BigQueryException(
                        504, "job %s has not ended in %d minutes".formatted(id.getJob(), LONGEST_JOB.toMinutes()));
            }
            look(look, waited.compareTo(GRACE) < 0, id.getJob());
            waited = waited.plus(look);
            look = look.multipliedBy(2).compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : look.multipliedBy(2);
        }
    }

    private static boolean isDone(Job job) {
        return job.getStatus() != null
                && JobStatus.State.DONE.equals(job.getStatus().getState());
    }

    /**
     * A job may have ended and failed. BigQuery knows a job that loads when it has all rows; others know it as soon as its upload
     * begins, without a state, and if who began is gone, for good.
     */
    private static @Nullable BigQueryError error(Job job) {
        return job.getStatus() == null
                ? new BigQueryError("jobInternalError", null, "it was begun and never given its rows")
                : job.getStatus().getError();
    }

    private static BigQueryException failure(Job job, BigQueryError error) {
        StringBuilder all = new StringBuilder(String.valueOf(error.getMessage()));
        List<BigQueryError> more =
                job.getStatus() == null ? null : job.getStatus().getExecutionErrors();
        if (more != null) {
            more.stream()
                    .map(BigQueryError::getMessage)
                    .filter(each -> each != null && all.indexOf(each) < 0)
                    .limit(2)
                    .forEach(each -> all.append("; ").append(each));
        }
        return new BigQueryException(
                "accessDenied".equals(error.getReason()) ? 403 : 400,
                "job %s: %s".formatted(job.getJobId().getJob(), all),
                error);
    }

    <T extends @Nullable Object> T call(Callable<T> request) {
        Duration pause = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            String said;
            try {
                return request.call();
            } catch (BigQueryException e) {
                if (!isPassing(e) || tries >= MOST_TRIES) {
                    throw e;
                }
                said = String.valueOf(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted("it was asked", e);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw told(e);
            }
            pause(pause, said);
            pause = longer(pause);
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    private void look(Duration length, boolean patiently, String job) {
        String what = "BigQuery's job " + job;
        try {
            if (patiently) {
                patience.look(length, what);
            } else {
                patience.pause(length, what);
            }
        } catch (InterruptedException e) {
            throw interrupted("waiting for its job " + job, e);
        }
    }

    private void pause(Duration length, String said) {
        String all = said.length() > MOST_SAID ? said.substring(0, MOST_SAID) + "…" : said;
        try {
            patience.pause(length, "BigQuery, which says: " + all);
        } catch (InterruptedException e) {
            throw interrupted("waiting, for it says: " + all, e);
        }
    }

    private static BigQueryException interrupted(String waiting, InterruptedException e) {
        return new BigQueryException(
                INTERRUPTED,
                "%s while %s".formatted(e.getMessage() == null ? "interrupted" : e.getMessage(), waiting),
                e);
    }

    private static boolean isPassing(BigQueryException e) {
        if (isOfCredential(e)) {
            return false;
        }
        return PASSING_CODES.contains(e.getCode())
                || PASSING_REASONS.contains(String.valueOf(e.getReason()))
                || (e.getCode() <= 0 && e.getCause() instanceof IOException)
                || String.valueOf(e.getMessage()).contains("concurrent update");
    }

    private static boolean isOfCredential(Throwable e) {
        String all = everything(e);
        return (e instanceof BigQueryException known && known.getCode() == 401)
                || all.contains("access token")
                || all.contains("default credentials")
                || all.contains("invalid_grant");
    }

    private static String everything(@Nullable Throwable e) {
        StringBuilder all = new StringBuilder();
        for (Throwable each = e; each != null && all.length() < 10_000; each = each.getCause()) {
            all.append(each.getMessage()).append('\n');
        }
        return all.toString().toLowerCase(Locale.ROOT);
    }

    /** The answer to an upload is not read by the client: it has the reason in its text. */
    private static BigQueryException told(Exception failure) {
        BigQueryException told = failure instanceof BigQueryException known
                ? known
                : new BigQueryException(failure instanceof IOException io ? io : new IOException(failure));
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof HttpResponseException answer && told.getReason() == null) {
                JsonNode error = error(answer.getContent());
                String message = error.path("message").asText(answer.getStatusMessage());
                String reason = error.path("errors").path(0).path("reason").asText("unknown");
                return new BigQueryException(answer.getStatusCode(), message, new BigQueryError(reason, null, message));
            }
        }
        return told;
    }

    private static JsonNode error(@Nullable String content) {
        try {
            return JSON.readTree(content == null ? "{}" : content).path("error");
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance(); // of a proxy, perhaps
        }
    }

    /** Returns what a person does about a failure, a sentence. */
    String advice(BigQueryException e) {
        if (e.getCode() == INTERRUPTED) {
            return "What is committed counts; the next run delivers it.";
        }
        String all = everything(e);
        String reason = String.valueOf(e.getReason());
        if (all.contains("invalid jwt") || all.contains("reasonable timeframe") || all.contains("clock")) {
            return "Set this machine's clock: Google refuses a credential that is signed in another hour.";
        }
        if (isOfCredential(e)) {
            return "Give the sink 'credentials' that are valid, or set GOOGLE_APPLICATION_CREDENTIALS: the key may have been deleted, disabled or never given.";
        }
        if (all.contains("billing")) {
            return "Enable billing for project %s: without it BigQuery takes no transactions."
                    .formatted(access.project());
        }
        if (e.getCode() == 403 && (reason.equals("quotaExceeded") || reason.equals("rateLimitExceeded"))) {
            return "A quota of project %s is used up: the next run goes on; raise it in the console if this repeats."
                    .formatted(access.project());
        }
        if (e.getCode() == 403) {
            return "Give the credential's account roles/bigquery.dataEditor on dataset %s and roles/bigquery.jobUser on project %s."
                    .formatted(dataset, access.project());
        }
        if (e.getCode() == 404 && (all.contains("dataset") || all.contains("project"))) {
            return "Create dataset %s in project %s%s, or correct 'project', 'dataset' and 'location'."
                    .formatted(dataset, access.project(), access.location() == null ? "" : " in " + access.location());
        }
        if (all.contains("streaming buffer")) {
            return "Rows that were streamed cannot be replaced for up to 90 minutes: the next run after that goes on; 'stream-below: 0' avoids it.";
        }
        if (all.contains("concurrent update")) {
            return "Another transaction changes the table at the same time: the next run goes on.";
        }
        if (PASSING_CODES.contains(e.getCode()) || e.getCode() <= 0) {
            return "Look whether this machine reaches BigQuery; the next run goes on.";
        }
        return access.endpoint() == null
                ? "Look at the table and at the job in BigQuery's console."
                : "Look at the table and at the job there; the server at 'endpoint' has to know load jobs, query parameters and transactions of several statements, as BigQuery does.";
    }
}
