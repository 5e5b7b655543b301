package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A bucket of S3: a list of its objects in the order of their keys, and files of CSV that the rows of two tables are spread over, one
 * of each table for a day. A row that is edited or added gives its file another ETag. Signatures are checked; the key alone, as a bearer, will do for the sandbox.
 */
final class S3Api implements Imitation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILES = "files";
    private static final List<String> TABLES = List.of("orders", "prospects");

    private final VendorFile file;

    /** An object of the bucket; {@code table} is empty for one that has no rows of ours. */
    private record Stored(String key, String table, int day, String content, String modified) {
        String etag() {
            return "\"%016x%016x\"".formatted(Hash.of(content), Hash.of(content + key));
        }

        int size() {
            return content.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    S3Api(VendorFile file, SandboxOptions options) {
        this.file = file;
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
    }

    @Override
    public String stream(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return TABLES.stream()
                .filter(table -> name.startsWith(table))
                .findFirst()
                .orElse(FILES);
    }

    @Override
    public List<Kept> kept(String stream) {
        List<Kept> kept = new ArrayList<>();
        if (stream.equals(FILES)) {
            for (Stored each : stored()) {
                ObjectNode entry = JSON.createObjectNode().put("Key", each.key());
                entry.put("LastModified", each.modified()).put("ETag", each.etag());
                entry.put("Size", Integer.toString(each.size())).put("StorageClass", "STANDARD");
                kept.add(new Kept("", each.key(), JsonBuffer.of(entry.toString())));
            }
            return kept;
        }
        for (int day = 0; day < days(); day++) {
            int place = 0;
            for (Row row : rows(stream, day)) {
                ObjectNode record = record(stream, row).put("_row_id", place++);
                kept.add(new Kept("", file.id(stream, Scope.WHOLE, row.index()), JsonBuffer.of(record.toString())));
            }
        }
        return kept;
    }

    /** A file is changed by its first row. */
    @Override
    public void edit(String stream, String scope, String id) {
        if (!stream.equals(FILES)) {
            Imitation.super.edit(stream, scope, id);
            return;
        }
        Stored known = stored().stream()
                .filter(each -> each.key().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such file: " + id));
        if (!known.table().isEmpty()) {
            long first = rows(known.table(), known.day()).get(0).index();
            Imitation.super.edit(known.table(), scope, file.id(known.table(), Scope.WHOLE, first));
        }
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            Signature.check(ask, file.credential(), file.part("secret").asText());
        }
        String bucket = "/" + file.part("bucket").asText();
        String rest = ask.path().startsWith(bucket) ? ask.path().substring(bucket.length()) : "?";
        if (!ask.method().equals("GET") || !(rest.isEmpty() || rest.startsWith("/"))) {
            throw new Refusal("no_bucket");
        }
        if (rest.length() < 2) {
            return list(ask.query());
        }
        Stored found = stored().stream()
                .filter(each -> each.key().equals(rest.substring(1)))
                .findFirst()
                .orElseThrow(() -> new Refusal("no_key"));
        return new Answer(
                200, Map.of("Content-Type", "text/csv", "ETag", found.etag()), JsonBuffer.of(found.content()));
    }

    private Answer list(Query query) {
        if (!query.first("list-type").orElse("").equals("2")) {
            throw new Refusal("argument", Map.of("reason", "the sandbox imitates list-type=2 only"));
        }
        String after = query.first("continuation-token").map(S3Api::key).orElse("");
        int most = Math.min(
                Integer.parseInt(query.first("max-keys").orElse("1000")),
                file.part("limits").path("page").asInt());
        List<Stored> left = stored().stream()
                .filter(each -> each.key().startsWith(query.first("prefix").orElse("")))
                .filter(each -> each.key().compareTo(after) > 0)
                .toList();
        List<Stored> page = left.subList(0, Math.min(most, left.size()));
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
                .append("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>")
                .append(file.part("bucket").asText())
                .append("</Name><KeyCount>")
                .append(page.size())
                .append("</KeyCount><IsTruncated>")
                .append(page.size() < left.size())
                .append("</IsTruncated>");
        for (Stored each : page) {
            xml.append("<Contents><Key>")
                    .append(each.key())
                    .append("</Key><LastModified>")
                    .append(each.modified())
                    .append("</LastModified><ETag>")
                    .append(each.etag().replace("\"", "&quot;"))
                    .append("</ETag><Size>")
                    .append(each.size())
                    .append("</Size><StorageClass>STANDARD</StorageClass></Contents>");
        }
        if (page.size() < left.size()) {
            String last = page.get(page.size() - 1).key();
            xml.append("<NextContinuationToken>")
                    .append(Base64.getUrlEncoder().encodeToString(last.getBytes(StandardCharsets.UTF_8)))
                    .append("</NextContinuationToken>");
        }
        xml.append("</ListBucketResult>");
        return new Answer(200, Map.of("Content-Type", "application/xml"), JsonBuffer.of(xml.toString()));
    }

    private static String key(String token) {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refusal("argument", Map.of("reason", "The continuation token provided is incorrect"));
        }
    }

    private int days() {
        return file.part("days").size();
    }

    /** The objects in the order of their keys: a folder marker, an empty file, and one that is no CSV among them. */
    private List<Stored> stored() {
        List<Stored> stored = new ArrayList<>();
        stored.add(new Stored("exports/", "", 0, "", "2026-03-29T00:00:00.000Z"));
        stored.add(new Stored("exports/orders_20260328.csv", "", 0, "", "2026-03-29T02:00:05.000Z"));
        for (String table : TABLES) {
            for (int day = 0; day < days(); day++) {
                String date = file.part("days").get(day).asText();
                List<Row> rows = rows(table, day);
                int version = rows.stream().mapToInt(Row::version).sum() + rows.size();
                String modified = "%sT02:%02d:%02d.000Z".formatted(date, version / 60 % 60, version % 60);
                String key = "exports/%s_%s.csv".formatted(table, date.replace("-", ""));
                stored.add(new Stored(key, table, day, csv(table, rows), modified));
            }
        }
        stored.add(new Stored("exports/readme.txt", "", 0, "not a table", "2026-03-29T02:00:05.000Z"));
        return stored.stream()
                .sorted((one, other) -> one.key().compareTo(other.key()))
                .toList();
    }

    private List<Row> rows(String table, int day) {
        Rows all = file.list(table, Scope.WHOLE);
        return all.pick(0, all.size(), false, row -> row.index() % days() == day, Long.MAX_VALUE);
    }

    private ObjectNode record(String table, Row row) {
        return (ObjectNode) file.tree(table, row);
    }

    private String csv(String table, List<Row> rows) {
        StringBuilder csv = new StringBuilder("\uFEFF");
        for (int i = 0; i < rows.size(); i++) {
            ObjectNode record = record(table, rows.get(i));
            if (i == 0) {
                List<String> names = new ArrayList<>();
                record.fieldNames().forEachRemaining(names::add);
                csv.append(String.join(",", names)).append("\r\n");
            }
            List<String> cells = new ArrayList<>();
            record.forEach(value -> cells.add(cell(value)));
            csv.append(String.join(",", cells)).append("\r\n");
        }
        return csv.toString();
    }

    private static String cell(JsonNode value) {
        String text = value.isNull() ? "" : value.asText();
        return text.matches("(?s).*[\",\r\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
