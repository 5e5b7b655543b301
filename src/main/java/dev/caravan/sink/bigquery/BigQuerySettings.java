package dev.caravan.sink.bigquery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.sink.BatchSettings;
import dev.caravan.sink.Drift;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table of BigQuery. Its text shows no secret.
 *
 * @param name tells several sinks of one stream apart; default {@code bigquery}
 * @param project that has the dataset and pays for the jobs
 * @param dataset of the table, which must exist
 * @param table name of the table, null for {@code <connection>_<stream>}
 * @param location of the dataset, {@code EU}; null for where BigQuery finds it
 * @param endpoint address of another server than Google's, null for Google's
 * @param credentials JSON of a service account's key; null for what the environment has
 * @param partitionBy field whose time decides the partition of a row, for a table that is made; null for none
 * @param per how long a partition is; default is a day
 * @param clusterBy fields by which a table that is made is clustered; default is what merging and replacing look for
 * @param loadRows rows that are gathered before they are loaded; fewer at the end of a run, or of a slice a minute later; default 50,000
 * @param streamBelow fewer rows than this are streamed where rows only ever come; default 100, 0 for never
 * @param drift what becomes of a table that does not hold what comes; default is {@code evolve}
 * @param batch when a batch is full; default is as for files
 */
@SuppressWarnings("TooManyParameters") // one for each setting
record BigQuerySettings(
        String name,
        String project,
        String dataset,
        @Nullable String table,
        @Nullable String location,
        @Nullable String endpoint,
        @Nullable String credentials,
        @Nullable String partitionBy,
        Per per,
        @Nullable List<String> clusterBy,
        int loadRows,
        int streamBelow,
        Drift drift,
        BatchSettings batch)
        implements SinkSettings {
    private static final Pattern PROJECT = Pattern.compile("([a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{0,61}[a-z0-9]");
    private static final Pattern DATASET = Pattern.compile("\\w{1,1024}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern TABLE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,1000}");
    private static final Pattern LOCATION = Pattern.compile("[A-Za-z0-9-]{2,40}");
    private static final int USUAL_LOAD = 50_000;
    private static final int MOST_LOAD = 100_000_000;
    private static final int USUAL_STREAM = 100;
    private static final int MOST_STREAM = 500;
    private static final int MOST_CLUSTERS = 4;

    /** How long a partition is. */
    enum Per {
        HOUR,
        DAY,
        MONTH,
        YEAR;

        @JsonCreator
        static Per named(String name) {
            return Arrays.stream(values())
                    .filter(each -> each.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("sink: partition-per '%s' is not one of %s"
                            .formatted(
                                    name,
                                    Arrays.stream(values()).map(Per::toString).collect(Collectors.joining(", ")))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    BigQuerySettings {
        SinkSettings.checkName(name);
        check("project", project, PROJECT, "the id of a project such as acme-lake");
        check("dataset", dataset, DATASET, "letters, digits and '_'");
        check("table", table, TABLE, "letters, digits, '_' and '-'");
        check("location", location, LOCATION, "a location such as EU or europe-west1");
        if (endpoint != null) {
            checkEndpoint(endpoint, credentials != null);
        }
        if (credentials != null) {
            checkCredentials(credentials);
        }
        if (clusterBy != null) {
            clusterBy = List.copyOf(clusterBy);
            if (clusterBy.size() > MOST_CLUSTERS) {
                throw new IllegalArgumentException("sink: cluster-by has %d fields, BigQuery takes up to %d"
                        .formatted(clusterBy.size(), MOST_CLUSTERS));
            }
        }
        if (loadRows < 1 || loadRows > MOST_LOAD) {
            throw new IllegalArgumentException("sink: load-rows is %d, use 1 to %,d".formatted(loadRows, MOST_LOAD));
        }
        if (streamBelow < 0 || streamBelow > MOST_STREAM) {
            throw new IllegalArgumentException(
                    "sink: stream-below is %d, use 1 to %d, or 0 to load however few rows there are"
                            .formatted(streamBelow, MOST_STREAM));
        }
    }

    private static void check(String setting, @Nullable String value, Pattern form, String right) {
        if (value != null && !form.matcher(value).matches()) {
            throw new IllegalArgumentException("sink: %s '%s' is none, use %s".formatted(setting, value, right));
        }
    }

    private static void checkEndpoint(String endpoint, boolean credential) {
        URI address = URI.create(endpoint.replace(' ', '+'));
        String host = address.getHost();
        boolean plain = "http".equals(address.getScheme());
        if (host == null || !(plain || "https".equals(address.getScheme())) || address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "sink: endpoint is no address of a server, write https://bigquery.googleapis.com, or http://127.0.0.1:9050 for an emulator");
        }
        if (plain && credential && !host.startsWith("127.") && !host.equals("localhost")) {
            throw new IllegalArgumentException(
                    "sink: endpoint 'http://%s' would get the credential unencrypted; use https, or leave 'credentials' out for an emulator"
                            .formatted(host));
        }
    }

    /** What is wrong is said without a word of it. */
    private static void checkCredentials(String credentials) {
        JsonNode key;
        try {
            key = JsonMapper.builder().build().readTree(credentials);
        } catch (JsonProcessingException e) {
            key = null;
        }
        if (key == null
                || !key.path("type").isTextual()
                || (key.path("type").asText().equals("service_account")
                        && (!key.path("client_email").isTextual()
                                || !key.path("private_key").isTextual()))) {
            throw new IllegalArgumentException(
                    "sink: credentials is not the JSON of a service account's key, with type, client_email and private_key; give the content of the file, \"{{acme.bigquery-key}}\", or leave it out to use GOOGLE_APPLICATION_CREDENTIALS");
        }
    }

    @JsonCreator
    @SuppressWarnings("TooManyParameters") // one for each setting
    static BigQuerySettings of(
            @JsonProperty("name") String name,
            @JsonProperty("project") @Nullable String project,
            @JsonProperty("dataset") @Nullable String dataset,
            @JsonProperty("table") @Nullable String table,
            @JsonProperty("location") @Nullable String location,
            @JsonProperty("endpoint") @Nullable String endpoint,
            @JsonProperty("credentials") @Nullable String credentials,
            @JsonProperty("partition-by") @Nullable String partitionBy,
            @JsonProperty("partition-per") @Nullable Per per,
            @JsonProperty("cluster-by") @Nullable List<String> clusterBy,
            @JsonProperty("load-rows") @Nullable Integer loadRows,
            @JsonProperty("stream-below") @Nullable Integer streamBelow,
            @JsonProperty("drift") @Nullable Drift drift,
            @JsonProperty("batch") @Nullable BatchSettings batch) {
        if (project == null || dataset == null) {
            throw new IllegalArgumentException(
                    "sink: bigquery needs a 'project' and a 'dataset', {type: bigquery, project: acme-lake, dataset: raw}");
        }
        if (per != null && partitionBy == null) {
            throw new IllegalArgumentException(
                    "sink: partition-per '%s' needs partition-by, the field whose time it is".formatted(per));
        }
        return new BigQuerySettings(
                name,
                project,
                dataset,
                table,
                location,
                endpoint,
                credentials,
                partitionBy,
                per == null ? Per.DAY : per,
                clusterBy,
                loadRows == null ? USUAL_LOAD : loadRows,
                streamBelow == null ? USUAL_STREAM : streamBelow,
                drift == null ? Drift.EVOLVE : drift,
                batch == null ? BatchSettings.USUAL : batch);
    }

    @Override
    public Sink open(SinkContext stream) {
        String named = stream.table(table, stream.stub());
        check("table", named, TABLE, "letters, digits, '_' and '-'");
        return new BigQuerySink(this, named, stream, BigQueryCalls.to(this, stream.patience()));
    }

    @Override
    public String toString() {
        return "BigQuerySettings[name=%s, project=%s, dataset=%s, table=%s, location=%s, endpoint=%s]"
                .formatted(name, project, dataset, table, location, endpoint);
    }
}
