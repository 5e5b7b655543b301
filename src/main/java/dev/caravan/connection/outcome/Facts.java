package dev.caravan.connection.outcome;

import dev.caravan.connection.Answer;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathSearch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer as rules ask about it: its body is searched once for all of them, and only if one of them asks. For one thread. */
final class Facts {
    private final Answer answer;
    private final PathSearch search;
    private @Nullable Map<JsonPath, List<String>> found;
    private @Nullable String text;

    /** @param search for every path that a rule may ask about */
    Facts(Answer answer, PathSearch search) {
        this.answer = answer;
        this.search = search;
    }

    Answer answer() {
        return answer;
    }

    /** Returns the values at a place of the body, empty if there are none. */
    List<String> body(JsonPath path) {
        if (found == null) {
            found = search.in(answer.body());
        }
        return found.getOrDefault(path, List.of());
    }

    boolean bodyContains(String wanted) {
        if (text == null) {
            text = new String(answer.body(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        }
        return text.contains(wanted.toLowerCase(Locale.ROOT));
    }
}
