package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * Meta's Marketing API: lists of ad accounts under cursors, insights at once and as reports that are worked out first, use of
 * limits in headers, and failures that are 400 with a code.
 */
final class MetaApi implements Imitation {
    private static final String ACCOUNTS = "ad_accounts";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");
    private static final List<String> USUALLY_HIDDEN = List.of("ARCHIVED", "DELETED");

    private final VendorFile file;
    private final MetaReports reports;
    private final Listed accounts;
    private final Quota calls;
    private final boolean limits;

    MetaApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        this.reports = new MetaReports();
        this.accounts = new Listed(file.part("accounts"), "id", "name");
        this.calls =
                Quota.sinceFirstUse(file.part("limits").path("hour").asDouble(), Duration.ofHours(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        reports.reset();
        accounts.reset();
        calls.clear();
    }

    /** An ad account, {@code act_…}; the first where none is named. */
    @Override
    public Scope scope(String name) {
        for (JsonNode account : file.part("accounts")) {
            if (name.isEmpty() || account.path("id").asText().equals(name)) {
                return new Scope(
                        account.path("id").asText(),
                        1,
                        -1,
                        Map.of(
                                "account_id", account.path("account_id").asText(),
                                "name", account.path("name").asText(),
                                "currency", account.path("currency").asText()));
            }
        }
        throw new IllegalArgumentException("No such account: " + name);
    }

    @Override
    public List<Kept> kept(String stream) {
        return stream.equals(ACCOUNTS) ? accounts.kept(account -> account) : Imitation.super.kept(stream);
    }

    @Override
    public void edit(String stream, String scope, String id) {
        if (stream.equals(ACCOUNTS)) {
            accounts.edit(id);
        } else {
            Imitation.super.edit(stream, scope, id);
        }
    }

    @Override
    public String stream(String path) {
        List<String> segments = Ask.segments(path);
        String last = segments.isEmpty() ? "" : segments.get(segments.size() - 1);
        return switch (last) {
            case "adaccounts" -> ACCOUNTS;
            case "insights" -> "ads_insights";
            default -> file.hasTable(last) ? last : last.matches("\\d+") ? "ads_insights" : "";
        };
    }

    @Override
    public String stream(Ask ask) {
        String level = ask.query().first("level").orElse("");
        return file.part("levels").has(level) ? file.part("levels").path(level).asText() : stream(ask.path());
    }

    @Override
    public Answer accepted(Ask ask) {
        try {
            return found(ask).with(usage(ask));
        } catch (Selection.UnknownFieldException e) {
            throw parameter("Tried accessing nonexisting field (" + e.field() + ")");
        }
    }

    private Answer found(Ask ask) {
        String token =
                ask.credential().or(() -> ask.query().first("access_token")).orElse("");
        if (!token.equals(file.credential())) {
            throw new Refusal(token.isEmpty() ? "no_token" : "wrong_token");
        }
        List<String> segments = ask.segments();
        boolean known = StreamSupport.stream(file.part("versions").spliterator(), false)
                .anyMatch(version -> version.asText().equals(segments.isEmpty() ? "" : segments.get(0)));
        if (!known) {
            throw new Refusal("old_version");
        }
        if (limits && !calls.take(1)) {
            throw new Refusal("throttled");
        }
        List<String> resource = segments.subList(1, segments.size());
        boolean post = ask.method().equals("POST");
        if (!post && resource.equals(List.of("me", "adaccounts"))) {
            return page(ask, accounts.rows(), ask.query());
        }
        String first = resource.isEmpty() ? "" : resource.get(0);
        if (!post && resource.size() == 1 && first.matches("\\d+")) {
            return reports.state(first);
        }
        if (!post
                && resource.size() == 2
                && first.matches("\\d+")
                && resource.get(1).equals("insights")) {
            return page(ask, reports.rows(first, this), reports.query(first, ask.query()));
        }
        if (resource.size() == 2 && first.startsWith("act_")) {
            return ofAccount(ask, account(first), resource.get(1), post);
        }
        throw new Refusal("no_object", Map.of("id", first));
    }

    private Scope account(String id) {
        try {
            return scope(id);
        } catch (IllegalArgumentException e) {
            throw new Refusal("no_object", Map.of("id", id));
        }
    }

    private Answer ofAccount(Ask ask, Scope account, String edge, boolean post) {
        if (edge.equals("insights")) {
            Query query = post ? posted(ask) : ask.query();
            List<JsonNode> rows = insights(account, query);
            return post ? reports.submit(account, query) : page(ask, rows, query);
        }
        if (post || !file.part("lists").has(edge)) {
            throw new Refusal("no_object", Map.of("id", account.name()));
        }
        return page(ask, objects(account, edge, ask.query()), ask.query());
    }

    private List<JsonNode> objects(Scope account, String list, Query query) {
        String prefix = file.part("lists").path(list).asText();
        long after = -1;
        for (JsonNode filter : json(query, "filtering")) {
            if (!filter.path("field").asText().equals(prefix + ".updated_time")
                    || !filter.path("operator").asText().equals("GREATER_THAN")
                    || !filter.path("value").isIntegralNumber()) {
                throw parameter("Filtering field %s with operation %s is not supported"
                        .formatted(
                                filter.path("field").asText(),
                                filter.path("operator").asText()));
            }
            after = filter.path("value").asLong();
        }
        List<String> statuses = new ArrayList<>();
        json(query, "effective_status").forEach(status -> statuses.add(status.asText()));
        Rows rows = file.list(list, account);
        return records(list, rows.pick(rows.firstAtOrAfter(after + 1), rows.size(), false, row -> true, Long.MAX_VALUE))
                .stream()
                .filter(record -> wanted(record.path("effective_status").asText(), statuses))
                .toList();
    }

    private static boolean wanted(String status, List<String> statuses) {
        return statuses.isEmpty() ? !USUALLY_HIDDEN.contains(status) : statuses.contains(status);
    }

    /** The rows of a report's days, one for each day and object. */
    List<JsonNode> insights(Scope account, Query query) {
        String level = query.first("level").orElse("account");
        String table = file.part("levels").path(level).asText();
        if (table.isEmpty()) {
            throw parameter("the sandbox imitates the levels campaign and ad, not " + level);
        }
        if (!query.first("time_increment").orElse("").equals("1")) {
            throw parameter("the sandbox imitates time_increment=1 only");
        }
        JsonNode range = json(query, "time_range");
        String since = range.path("since").asText();
        String until = range.path("until").asText();
        if (!since.matches("\\d{4}-\\d\\d-\\d\\d")
                || !until.matches("\\d{4}-\\d\\d-\\d\\d")
                || since.compareTo(until) > 0) {
            throw parameter("Must be a valid time_range with since and until");
        }
        if (since.compareTo("2023-03-01") < 0) {
            throw new Refusal("too_old");
        }
        Rows rows = file.list(table, account);
        return records(table, rows.pick(0, rows.size(), false, row -> true, Long.MAX_VALUE)).stream()
                .filter(record -> record.path("date_start").asText().compareTo(since) >= 0
                        && record.path("date_start").asText().compareTo(until) <= 0)
                .toList();
    }

    private List<JsonNode> records(String table, List<Row> rows) {
        return rows.stream().map(row -> file.tree(table, row)).toList();
    }

    /** A body, in JSON or as a form, as the parameters it stands for. */
    private static Query posted(Ask ask) {
        if (!ask.header("Content-Type").orElse("").startsWith("application/json")) {
            return Query.parse(ask.body());
        }
        List<Query.Parameter> parameters = new ArrayList<>();
        try {
            JSON.readTree(ask.body()).properties().forEach(field -> {
                JsonNode value = field.getValue();
                boolean list = field.getKey().equals("fields") && value.isArray();
                List<String> names = new ArrayList<>();
                value.forEach(name -> names.add(name.asText()));
                String text = list ? String.join(",", names) : value.isTextual() ? value.asText() : value.toString();
                parameters.add(new Query.Parameter(field.getKey(), text));
            });
        } catch (IOException e) {
            throw parameter("The body is not valid JSON");
        }
        return new Query(parameters);
    }

    private Answer page(Ask ask, List<JsonNode> records, Query query) {
        String limitText = ask.query()
                .first("limit")
                .orElse(file.part("limits").path("page").asText());
        int limit = limitText.matches("\\d{1,6}") ? Integer.parseInt(limitText) : 0;
        if (limit < 1 || limit > file.part("limits").path("most").asInt()) {
            throw parameter("Param limit must be a number from 1 to 1000");
        }
        int from = ask.query().first("after").map(MetaApi::position).orElse(0);
        int to = Math.min(records.size(), from + limit);
        List<Selection> fields = fields(query);
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode data = answer.putArray("data");
        for (JsonNode record : records.subList(Math.min(from, to), to)) {
            ObjectNode picked = (ObjectNode) Selection.pick(record, fields);
            picked.properties().removeIf(field -> field.getValue().isNull());
            data.add(picked);
        }
        if (!data.isEmpty()) {
            ObjectNode paging = answer.putObject("paging");
            paging.putObject("cursors").put("before", cursor(from)).put("after", cursor(to));
            if (to < records.size()) {
                Query next = ask.query().with("access_token", file.credential()).with("after", cursor(to));
                paging.put("next", ask.origin() + ask.path() + "?" + next.encoded());
            }
        }
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    /** Without fields only the id comes back; below one that is picked, {@code creative{id}}, the same holds. */
    private static List<Selection> fields(Query query) {
        List<String> paths = new ArrayList<>();
        COMMA.splitAsStream(query.first("fields").orElse("id"))
                .map(String::strip)
                .forEach(name -> paths.add(name.replaceFirst("\\{(\\w+)}", ".$1")));
        return Selection.ofPaths(paths);
    }

    private static String cursor(int position) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Integer.toString(position).getBytes(StandardCharsets.UTF_8));
    }

    private static int position(String cursor) {
        try {
            return Integer.parseInt(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw parameter("Invalid cursors values");
        }
    }

    private static JsonNode json(Query query, String name) {
        try {
            return JSON.readTree(query.first(name).orElse("[]"));
        } catch (IOException e) {
            throw parameter("param %s must be a JSON text".formatted(name));
        }
    }

    static Refusal parameter(String reason) {
        return new Refusal("parameter", Map.of("reason", reason));
    }

    /** What was used of the limits, as JSON in headers. */
    private Map<String, String> usage(Ask ask) {
        long used = limits ? Math.round(100 * (1 - calls.left() / calls.allowed())) : 1;
        String account = ask.segments().stream()
                .filter(segment -> segment.startsWith("act_"))
                .findFirst()
                .orElse("act_0")
                .substring(4);
        String share = "{\"call_count\":%d,\"total_time\":%d,\"total_cputime\":%d}".formatted(used, used, used);
        return Map.of(
                "X-App-Usage",
                share,
                "X-Ad-Account-Usage",
                "{\"acc_id_util_pct\":%d,\"reset_time_duration\":100,\"ads_api_access_tier\":\"standard_access\"}"
                        .formatted(used),
                "X-FB-Ads-Insights-Throttle",
                "{\"app_id_util_pct\":%d,\"acc_id_util_pct\":%d,\"ads_api_access_tier\":\"standard_access\"}"
                        .formatted(used, used),
                "X-Business-Use-Case-Usage",
                "{\"%s\":[{\"type\":\"ads_insights\",\"call_count\":%d,\"total_cputime\":%d,\"total_time\":%d,\"estimated_time_to_regain_access\":0}]}"
                        .formatted(account, used, used, used));
    }
}
