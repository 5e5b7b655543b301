package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath.Place;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another form of records of which only some fields land, or land otherwise. What stays is copied byte for byte. Immutable; safe for
 * any number of threads.
 */
public final class ChosenFields implements RecordForm {
    private static final byte[] MASKED = "\"***\"".getBytes(StandardCharsets.US_ASCII);

    private final RecordForm form;
    private final Node root;

    public ChosenFields(FieldSettings settings, RecordForm form) {
        this.form = form;
        this.root = new Node();
        root.kept = settings.keep().isEmpty();
        settings.keep().forEach(path -> root.at(path).kept = true);
        settings.drop().forEach(path -> root.at(path).action = Action.DROP);
        settings.mask().forEach(path -> root.at(path).action = Action.MASK);
        settings.hash().forEach(path -> root.at(path).action = Action.HASH);
        settings.rename().forEach((path, name) -> root.at(path).name = name);
    }

    private enum Action {
        COPY,
        DROP,
        MASK,
        HASH
    }

    /** What is done with a field, and with those below it. Made once, then only read. */
    private static final class Node {
        private final Map<String, Node> below = new HashMap<>();
        private Action action = Action.COPY;
        private boolean kept;
        private @Nullable String name;

        Node at(String path) {
            Node node = this;
            for (String step : path.split("\\.", -1)) {
                node = node.below.computeIfAbsent(step, any -> new Node());
            }
            return node;
        }

        /** Whether something of it lands where not all does. */
        boolean hasKept() {
            return kept || below.values().stream().anyMatch(Node::hasKept);
        }
    }

    @Override
    public void write(SourceRecord record, OutputStream out) throws IOException {
        ByteArrayOutputStream chosen = new ByteArrayOutputStream(record.length() + 64);
        try (JsonParser parser = StrictJson.factory().createParser(record.bytes(), record.offset(), record.length())) {
            parser.nextToken();
            object(parser, record, root, root.kept, chosen);
        }
        form.write(record.withBytes(chosen.toByteArray()), out);
    }

    private static void object(
            JsonParser parser, SourceRecord record, Node node, boolean kept, ByteArrayOutputStream out)
            throws IOException {
        out.write('{');
        boolean first = true;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            Node child = node.below.get(field);
            boolean lands = kept || (child != null && child.hasKept());
            parser.nextToken();
            if (!lands || (child != null && child.action == Action.DROP)) {
                parser.skipChildren();
                continue;
            }
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(Splice.name(child == null || child.name == null ? field : child.name));
            value(parser, record, child, kept || (child != null && child.kept), out);
        }
        out.write('}');
    }

    private static void value(
            JsonParser parser, SourceRecord record, @Nullable Node node, boolean kept, ByteArrayOutputStream out)
            throws IOException {
        JsonToken token = parser.currentToken();
        if (node == null || token == JsonToken.VALUE_NULL) {
            copy(parser, record, out);
        } else if (node.action == Action.MASK) {
            parser.skipChildren();
            out.writeBytes(MASKED);
        } else if (node.action == Action.HASH) {
            out.writeBytes(('"' + hash(parser, record) + '"').getBytes(StandardCharsets.US_ASCII));
        } else if (node.below.isEmpty()) {
            copy(parser, record, out);
        } else if (token == JsonToken.START_OBJECT) {
            object(parser, record, node, kept, out);
        } else if (token == JsonToken.START_ARRAY) {
            out.write('[');
            for (boolean first = true; parser.nextToken() != JsonToken.END_ARRAY; first = false) {
                if (!first) {
                    out.write(',');
                }
                value(parser, record, node, kept, out);
            }
            out.write(']');
        } else {
            copy(parser, record, out);
        }
    }

    private static void copy(JsonParser parser, SourceRecord record, ByteArrayOutputStream out) throws IOException {
        Place place = Place.at(parser);
        out.write(record.bytes(), record.offset() + place.start(), place.end() - place.start());
    }

    private static String hash(JsonParser parser, SourceRecord record) throws IOException {
        byte[] text;
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            text = parser.getText().getBytes(StandardCharsets.UTF_8);
        } else {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            copy(parser, record, json);
            text = json.toByteArray();
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
