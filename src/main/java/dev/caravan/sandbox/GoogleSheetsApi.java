package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Google Sheets: what tabs a spreadsheet has, and the cells of one, ragged, without {@code values} where there are none. */
final class GoogleSheetsApi implements Imitation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TABS = "tabs";
    private static final String ROWS = "rows";

    private final VendorFile file;
    private final boolean limits;
    private final Listed tabs;
    private final Quota reads;

    GoogleSheetsApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        this.tabs = new Listed(file.part(TABS), "sheetId", "title");
        this.reads = Quota.sinceFirstUse(
                file.part("limits").path("minute").asDouble(), Duration.ofMinutes(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        tabs.reset();
        reads.clear();
    }

    @Override
    public String stream(String path) {
        return path.contains("/values/") ? ROWS : path.startsWith("/v4/spreadsheets/") ? TABS : "";
    }

    @Override
    public List<Kept> kept(String stream) {
        if (stream.equals(TABS)) {
            return tabs.kept(tab -> tab);
        }
        List<Kept> rows = new ArrayList<>();
        for (Kept kept : Imitation.super.kept(stream)) {
            ObjectNode record = JSON.createObjectNode();
            ArrayNode cells = cells(kept.record().tree());
            for (int i = 0; i < cells.size(); i++) {
                record.set(file.part("header").get(i).asText(), cells.get(i));
            }
            record.put("_row_number", rows.size() + 2);
            rows.add(new Kept("", kept.id(), JsonBuffer.of(record.toString())));
        }
        return rows;
    }

    @Override
    public void edit(String stream, String scope, String id) {
        if (stream.equals(TABS)) {
            tabs.edit(id);
        } else {
            Imitation.super.edit(stream, scope, id);
        }
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            throw new Refusal("unauthenticated");
        }
        if (limits && !reads.take(1)) {
            throw new Refusal("exhausted");
        }
        List<String> segments = ask.segments();
        boolean known = segments.size() > 2
                && segments.get(0).equals("v4")
                && segments.get(1).equals("spreadsheets")
                && segments.get(2)
                        .equals(file.part("spreadsheet").path("spreadsheetId").asText())
                && ask.method().equals("GET");
        if (known && segments.size() == 3) {
            return tabs();
        }
        if (known && segments.size() == 5 && segments.get(3).equals("values")) {
            return values(segments.get(4), ask.query());
        }
        throw new Refusal("not_found");
    }

    private Answer tabs() {
        ObjectNode answer = file.part("spreadsheet").deepCopy();
        ArrayNode sheets = answer.putArray("sheets");
        tabs.rows().forEach(tab -> sheets.addObject().set("properties", tab));
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    private Answer values(String range, Query query) {
        require(query, "majorDimension", Set.of("ROWS"));
        require(query, "valueRenderOption", Set.of("UNFORMATTED_VALUE"));
        require(query, "dateTimeRenderOption", Set.of("FORMATTED_STRING"));
        String title = range.startsWith("'") && range.endsWith("'") && range.length() > 2
                ? range.substring(1, range.length() - 1).replace("''", "'")
                : range;
        JsonNode tab = tabs.rows().stream()
                .filter(each -> each.path("title").asText().equals(title))
                .findFirst()
                .orElseThrow(() -> new Refusal("range", Map.of("range", range)));
        ObjectNode answer = JSON.createObjectNode();
        answer.put("range", "'" + title + "'!A1:Z1000").put("majorDimension", "ROWS");
        if (tab.path("index").asInt() == 0) {
            ArrayNode values = answer.putArray("values");
            values.add(file.part("header"));
            Rows rows = file.list(ROWS, Scope.WHOLE);
            for (Row row : rows.pick(0, rows.size(), false, any -> true, Long.MAX_VALUE)) {
                values.add(cells(file.tree(ROWS, row)));
            }
        }
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    /** What is sent of a row: empty cells at its end are not. */
    private static ArrayNode cells(JsonNode record) {
        List<JsonNode> cells = StreamSupport.stream(record.spliterator(), false).toList();
        int filled = cells.size();
        while (filled > 0 && cells.get(filled - 1).isNull()) {
            filled--;
        }
        ArrayNode sent = JSON.createArrayNode();
        cells.subList(0, filled).forEach(sent::add);
        return sent;
    }

    /** The sandbox imitates one value of each option, and refuses what is none of Google's anyway. */
    private static void require(Query query, String name, Set<String> values) {
        String value = query.first(name).orElse("");
        if (!values.contains(value)) {
            throw new Refusal("argument", Map.of("name", name, "value", value));
        }
    }
}
