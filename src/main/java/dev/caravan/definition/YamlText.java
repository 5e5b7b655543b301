package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** YAML as a tree that knows on which line each of its parts begins. */
final class YamlText {
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int LONGEST_POINTER = 2_000;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,99})(\\.\\d{1,99})?");

    private final JsonNode root;
    private final Map<String, Integer> lines = new HashMap<>();

    private YamlText(Node node) {
        this.root = convert(node, "");
    }

    /**
     * Reads one document. Anchors are followed; a duplicate key is refused.
     *
     * @param file name for messages
     * @throws DefinitionException if the text is not YAML, with file, line and column
     */
    static YamlText parse(String file, String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(50);
        DumperOptions dumper = new DumperOptions();
        Yaml yaml = new Yaml(new SafeConstructor(options), new Representer(dumper), dumper, options, new Resolver());
        try {
            Node node = yaml.compose(new StringReader(text));
            if (node == null) {
                throw new DefinitionException(file + ":1: the file is empty; delete it or give it streams");
            }
            return new YamlText(node);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new DefinitionException("%s:%d: not readable as YAML: %s".formatted(file, line, e.getProblem()), e);
        } catch (RuntimeException e) {
            if (e instanceof DefinitionException) {
                throw e;
            }
            throw new DefinitionException("%s: not readable as YAML: %s".formatted(file, e.getMessage()), e);
        }
    }

    JsonNode root() {
        return root;
    }

    /** Returns the line (from 1) at which {@code pointer} or the nearest part around it begins, or null if there is none. */
    @Nullable
    Integer line(String pointer) {
        String at = pointer;
        while (true) {
            Integer line = lines.get(at);
            if (line != null || at.isEmpty()) {
                return line;
            }
            at = at.substring(0, at.lastIndexOf('/'));
        }
    }

    boolean has(String pointer) {
        return lines.containsKey(pointer);
    }

    private JsonNode convert(Node node, String pointer) {
        if (pointer.length() > LONGEST_POINTER) {
            throw new IllegalArgumentException("it is nested too deeply, or within itself");
        }
        lines.putIfAbsent(pointer, node.getStartMark().getLine() + 1);
        if (node instanceof MappingNode mapping) {
            return object(mapping, pointer);
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < sequence.getValue().size(); i++) {
                array.add(convert(sequence.getValue().get(i), pointer + "/" + i));
            }
            return array;
        }
        return scalar((ScalarNode) node);
    }

    private ObjectNode object(MappingNode mapping, String pointer) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new IllegalArgumentException("a key is not a text, at line "
                        + (tuple.getKeyNode().getStartMark().getLine() + 1));
            }
            String name = key.getValue();
            if (object.has(name)) {
                throw new IllegalArgumentException("duplicate key '%s' at line %d"
                        .formatted(name, key.getStartMark().getLine() + 1));
            }
            String below = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
            lines.put(below, tuple.getKeyNode().getStartMark().getLine() + 1);
            object.set(name, convert(tuple.getValueNode(), below));
        }
        return object;
    }

    /**
     * Numbers keep their digits, so that {@code version: 1.10} does not become 1.1 where a text is wanted, and are numbers where
     * a body is. Only what JSON writes as a number counts as one.
     */
    private static JsonNode scalar(ScalarNode node) {
        if (Tag.NULL.equals(node.getTag())) {
            return JsonNodeFactory.instance.nullNode();
        }
        if (Tag.BOOL.equals(node.getTag())) {
            return JsonNodeFactory.instance.booleanNode(node.getValue().equalsIgnoreCase("true")
                    || node.getValue().equalsIgnoreCase("yes")
                    || node.getValue().equalsIgnoreCase("on"));
        }
        boolean number = Tag.INT.equals(node.getTag()) || Tag.FLOAT.equals(node.getTag());
        if (!number || !NUMBER.matcher(node.getValue()).matches()) {
            return JsonNodeFactory.instance.textNode(node.getValue());
        }
        return node.getValue().contains(".")
                ? DecimalNode.valueOf(new BigDecimal(node.getValue()))
                : JsonNodeFactory.instance.numberNode(new BigInteger(node.getValue()));
    }
}
