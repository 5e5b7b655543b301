package dev.caravan.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A mailbox of Gmail: a list of ids, each message by itself, and the history of changes, of which old ones are forgotten. */
final class GmailApi implements Imitation {
    private static final Pattern PATH =
            Pattern.compile("/gmail/v1/users/[^/]+/(messages|history|profile)(?:/([^/]+))?");
    private static final Pattern TERM = Pattern.compile("(after|before):(\\d+)");
    private static final long USUAL_PAGE = 100;
    private static final long MOST = 500;
    private static final Set<String> LIST = Set.of("q", "labelIds", "includeSpamTrash", "maxResults", "pageToken");
    private static final Set<String> HISTORY =
            Set.of("startHistoryId", "maxResults", "pageToken", "labelId", "historyTypes");

    private final VendorFile file;
    private final boolean limits;
    private final Quota units;

    GmailApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        this.units = Quota.round(file.part("limits").path("units").asDouble(), Duration.ofMinutes(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        units.clear();
    }

    @Override
    public String stream(String path) {
        Matcher target = PATH.matcher(path);
        return target.matches() && !target.group(1).equals("profile") ? target.group(1) : "";
    }

    /** Messages that are gone when they are asked for are not among them. */
    @Override
    public List<Kept> kept(String stream) {
        Rows rows = file.list(stream, Scope.WHOLE);
        return Imitation.super.kept(stream).stream()
                .filter(row -> !stream.equals("messages")
                        || !isGone(rows.row(rows.find(row.id()).orElseThrow())))
                .toList();
    }

    private boolean isGone(Row row) {
        return file.shown("messages", "kind", row).equals("gone");
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            throw new Refusal("unauthorized");
        }
        Matcher target = PATH.matcher(ask.path());
        if (!target.matches() || !ask.method().equals("GET")) {
            throw new Refusal("not_found");
        }
        String what = target.group(1);
        String id = target.group(2);
        spend(what.equals("messages") ? id == null ? "list" : "get" : what);
        return Answer.json(
                200,
                switch (what) {
                    case "profile" -> profile();
                    case "history" -> history(known(ask.query(), HISTORY));
                    default -> id == null ? list(known(ask.query(), LIST)) : one(id, ask.query());
                });
    }

    private void spend(String what) {
        if (limits && !units.take(file.part("limits").path(what).asDouble())) {
            throw new Refusal("user_rate");
        }
    }

    private static Query known(Query query, Set<String> names) {
        query.nameBeside(names).ifPresent(name -> {
            throw invalid("Invalid JSON payload received. Unknown name \"%s\"".formatted(name));
        });
        return query;
    }

    private JsonBuffer profile() {
        Rows messages = file.list("messages", Scope.WHOLE);
        JsonBuffer out = new JsonBuffer(128).raw("{\"emailAddress\":\"ops@example.com\",\"messagesTotal\":");
        return out.number(messages.size())
                .raw(",\"threadsTotal\":")
                .number(messages.size())
                .raw(",\"historyId\":")
                .quoted(newest())
                .raw('}');
    }

    private String newest() {
        return file.id("history", Scope.WHOLE, file.list("history", Scope.WHOLE).size() - 1);
    }

    private JsonBuffer list(Query query) {
        Rows rows = file.list("messages", Scope.WHOLE);
        long from = 0;
        long to = rows.size();
        Matcher terms = TERM.matcher(query.first("q").orElse(""));
        while (terms.find()) {
            long second = Long.parseLong(terms.group(2));
            if (terms.group(1).equals("after")) {
                from = rows.firstAtOrAfter(second);
            } else {
                to = rows.firstAtOrAfter(second);
            }
        }
        return page("messages", Math.max(0, to - from), to, query, (place, out) -> {
            String id = file.id("messages", Scope.WHOLE, rows.at(place).index());
            out.raw("{\"id\":").quoted(id).raw(",\"threadId\":").quoted(id).raw('}');
        });
    }

    /** Newest first: counted pages behind the place before which the first begins. */
    private JsonBuffer page(String name, long rows, long end, Query query, BiConsumer<Long, JsonBuffer> write) {
        long begin = token(query);
        long most = Math.min(rows, begin + most(query));
        JsonBuffer out = new JsonBuffer(4096).raw('{');
        if (begin < most) {
            out.quoted(name).raw(':');
            for (long i = begin; i < most; i++) {
                out.raw(i == begin ? '[' : ',');
                write.accept(end - 1 - i, out);
            }
            out.raw("],");
        }
        if (most < rows) {
            out.raw("\"nextPageToken\":").quoted(Long.toString(most)).raw(',');
        }
        return out.raw("\"resultSizeEstimate\":").number(Math.min(rows, 201)).raw('}');
    }

    private JsonBuffer one(String id, Query query) {
        if (!Set.of("minimal", "full", "raw", "metadata")
                .contains(query.first("format").orElse("full"))) {
            throw invalid("Invalid value at 'format'");
        }
        Rows rows = file.list("messages", Scope.WHOLE);
        OptionalLong index = rows.find(id);
        if (index.isEmpty() || isGone(rows.row(index.getAsLong()))) {
            throw new Refusal("not_found");
        }
        JsonBuffer out = new JsonBuffer(2048);
        file.record("messages").write(rows.row(index.getAsLong()), out);
        return out;
    }

    /** Oldest first, behind the change that is named. */
    private JsonBuffer history(Query query) {
        String start = query.first("startHistoryId").orElseThrow(() -> invalid("Missing parameter startHistoryId"));
        Rows rows = file.list("history", Scope.WHOLE);
        OptionalLong known = rows.find(start);
        long forgotten = rows.size() - file.part("remembered").asLong() - 1;
        if (known.isEmpty() || known.getAsLong() < forgotten) {
            throw new Refusal("not_found");
        }
        long from = known.getAsLong() + 1 + token(query);
        long to = Math.min(rows.size(), from + most(query));
        JsonBuffer out = new JsonBuffer(1024).raw('{');
        for (long i = from; i < to; i++) {
            file.record("history").write(rows.row(i), out.raw(i == from ? "\"history\":[" : ","));
        }
        out.raw(from < to ? "]," : "");
        if (to < rows.size()) {
            out.raw("\"nextPageToken\":")
                    .quoted(Long.toString(to - known.getAsLong() - 1))
                    .raw(',');
        }
        return out.raw("\"historyId\":").quoted(newest()).raw('}');
    }

    private static long most(Query query) {
        long most = number(query, "maxResults", USUAL_PAGE);
        if (most < 1 || most > MOST) {
            throw invalid("Invalid value at 'maxResults'");
        }
        return most;
    }

    private static long token(Query query) {
        return number(query, "pageToken", 0);
    }

    private static long number(Query query, String name, long otherwise) {
        try {
            return query.has(name) ? Long.parseLong(query.first(name).orElse("")) : otherwise;
        } catch (NumberFormatException e) {
            throw invalid("Invalid value at '%s'".formatted(name));
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal("invalid", Map.of("message", message));
    }
}
