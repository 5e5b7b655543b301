package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports that are worked out first: not started, running, at 100 % and still running, completed, as they are asked for. Kept
 * in memory, so one of an earlier sandbox does not exist, as a report that Meta has forgotten.
 */
final class MetaReports {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST = 1_000;
    private static final long FIRST = 6_023_920_149_050L;
    private static final List<String> STATES =
            List.of("Job Not Started", "Job Started", "Job Running", "Job Running", "Job Completed");
    private static final List<Integer> PERCENT = List.of(0, 0, 60, 100, 100);

    private record Report(Scope account, Query query, int asked) {
        Report askedAgain() {
            return new Report(account, query, asked + 1);
        }
    }

    private final Map<String, Report> reports = new LinkedHashMap<>();
    private long made;

    synchronized void reset() {
        reports.clear();
    }

    synchronized Answer submit(Scope account, Query query) {
        String id = Long.toString(FIRST + made++);
        if (reports.size() >= MOST) {
            reports.keySet().stream().findFirst().ifPresent(reports::remove);
        }
        reports.put(id, new Report(account, query, 0));
        return Answer.json(200, JsonBuffer.of("{\"report_run_id\":\"" + id + "\"}"));
    }

    synchronized Answer state(String id) {
        Report report = report(id);
        int state = Math.min(report.asked(), STATES.size() - 1);
        reports.put(id, report.askedAgain());
        ObjectNode answer = JSON.createObjectNode().put("id", id);
        answer.put("account_id", String.valueOf(report.account().value("account_id")));
        answer.put("async_status", STATES.get(state)).put("async_percent_completion", PERCENT.get(state));
        answer.put("is_running", state > 0 && state < STATES.size() - 1);
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    synchronized List<JsonNode> rows(String id, MetaApi api) {
        Report report = report(id);
        if (report.asked() < STATES.size()) {
            throw MetaApi.parameter("Report run is not completed");
        }
        return api.insights(report.account(), report.query());
    }

    /** What the rows are to have: what was submitted. */
    synchronized Query query(String id, Query asked) {
        return asked.with("fields", report(id).query().first("fields").orElse("account_id,date_start,date_stop"));
    }

    private Report report(String id) {
        Report report = reports.get(id);
        if (report == null) {
            throw new Refusal("no_object", Map.of("id", id));
        }
        return report;
    }
}
