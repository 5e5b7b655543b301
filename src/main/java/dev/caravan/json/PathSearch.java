package dev.caravan.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds all values that several paths lead to, in one walk over a document and without a tree of it; of a name that is
 * looked for at any depth, every one. Immutable; safe for any number of threads.
 */
public final class PathSearch {
    /** Who asks whether something is there learns nothing new from more of it. */
    private static final int MOST_VALUES = 100;

    private static final int LONGEST_VALUE = 64 * 1024;

    private final List<JsonPath> paths;
    private final PathTree tree;

    public PathSearch(Collection<JsonPath> paths) {
        this.paths = List.copyOf(new LinkedHashSet<>(paths));
        this.tree = PathTree.of(this.paths);
    }

    /**
     * Returns the values by path, in the order of the document: of a text its content, of anything else its JSON. Nulls and
     * what is longer than 64 KiB are left out, and so is everything behind a place where the document is broken.
     */
    public Map<JsonPath, List<String>> in(byte[] document) {
        List<List<String>> found = new ArrayList<>();
        paths.forEach(path -> found.add(new ArrayList<>()));
        try (JsonParser parser = StrictJson.factory().createParser(document)) {
            if (!paths.isEmpty() && parser.nextToken() != null) {
                new Walk(document, parser, found).value(tree);
            }
        } catch (IOException e) {
            // What came before the damage counts: answers with errors are cut off, and some are no JSON at all.
        }
        Map<JsonPath, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            all.put(paths.get(i), List.copyOf(found.get(i)));
        }
        return all;
    }

    /** One walk; each step goes through the value that the parser stands at, and leaves it at the value's last token. */
    private record Walk(byte[] document, JsonParser parser, List<List<String>> found) {
        void value(@Nullable PathTree at) throws IOException {
            if (at == null) {
                parser.skipChildren();
                return;
            }
            int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                    parser.nextToken();
                    value(at.field(name));
                }
            } else if (parser.currentToken() == JsonToken.START_ARRAY) {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    for (int last : at.forgotten()) {
                        found.get(last).clear();
                    }
                    value(at.element(i));
                }
            }
            if (at.targets().length > 0) {
                add(at.targets(), start);
            }
        }

        private void add(int[] targets, int start) throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_NULL) {
                return;
            }
            String text = token.isScalarValue() ? parser.getText() : structure(token, start);
            for (int target : targets) {
                List<String> values = found.get(target);
                if (values.size() < MOST_VALUES && text.length() <= LONGEST_VALUE) {
                    values.add(text);
                }
            }
        }

        /** What is large is only said to be there. */
        private String structure(JsonToken token, int start) {
            int length = Math.toIntExact(parser.currentLocation().getByteOffset()) - start;
            if (length > LONGEST_VALUE) {
                return token == JsonToken.END_OBJECT ? "{…}" : "[…]";
            }
            return new String(document, start, length, StandardCharsets.UTF_8);
        }
    }
}
