package dev.caravan.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.Connection;
import dev.caravan.Stream;
import dev.caravan.definition.VendorFile.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads vendor files: {@code beans} of the types {@code dev.caravan.Connection} and {@code dev.caravan.Stream}, and the
 * {@code templatedRoute}s that carry one as their bean {@code spec}, are ours; everything else is handed on as it stands.
 */
public final class VendorFileReader {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");
    private static final String SPEC = "spec";

    private final Function<String, List<Account>> accounts;
    private final UnaryOperator<String> resolver;
    private final SchemaFiles schemas;

    /**
     * @param accounts the accounts declared for a vendor; none means one account of the vendor's name
     * @param folder of the vendor files, which may name other files in it
     * @param resolver fills {@code {{…}}} in a text, throws {@link IllegalArgumentException} when a key has no value
     */
    public VendorFileReader(Function<String, List<Account>> accounts, UnaryOperator<String> resolver, Path folder) {
        this.accounts = accounts;
        this.resolver = resolver;
        this.schemas = new SchemaFiles(folder);
    }

    /** Reads one file. Never throws for what the file says: that is in the result's problems. */
    public VendorFile read(String file, String text) {
        try {
            return new Reading(file, text).result();
        } catch (DefinitionException e) {
            return new VendorFile(file, List.of(), List.of(new Problem(file, "", e.getMessage())), "");
        }
    }

    /** One file being read. */
    private final class Reading {
        private final String file;
        private final String[] lines;
        private final YamlText yaml;
        private final Map<String, ConnectionNode> connections = new LinkedHashMap<>();
        private final List<StreamDefinition> streams = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();

        Reading(String file, String text) {
            this.file = file;
            this.lines = text.split("\n", -1);
            this.yaml = YamlText.parse(file, text);
            if (!yaml.root().isArray()) {
                throw new DefinitionException(file + ":1: a route file is a list: every entry begins with '- '");
            }
        }

        VendorFile result() {
            List<Integer> items = new ArrayList<>();
            for (int i = 0; i < yaml.root().size(); i++) {
                if (yaml.root().get(i).has("beans")) {
                    readConnections("/" + i + "/beans");
                }
            }
            for (int i = 0; i < yaml.root().size(); i++) {
                JsonNode item = yaml.root().get(i);
                if (item.has("beans")) {
                    readPlainStreams("/" + i + "/beans");
                } else if (specPointer(i) != null) {
                    readStream(i);
                    items.add(i);
                }
            }
            for (int i : items) {
                blank("/" + i, i + 1 < yaml.root().size() ? "/" + (i + 1) : null);
            }
            String rest = String.join("\n", lines);
            boolean empty = rest.lines().map(String::strip).allMatch(line -> line.isEmpty() || line.startsWith("#"));
            return new VendorFile(file, streams, problems, empty ? "" : rest);
        }

        private void readConnections(String pointer) {
            for (int i = 0; i < at(pointer).size(); i++) {
                String bean = pointer + "/" + i;
                if (at(bean).path("type").asText().equals(Connection.class.getName())) {
                    String name = at(bean).path("name").asText();
                    if (!ID.matcher(name).matches()) {
                        throw new DefinitionException(
                                "%s: connection '%s': a name is lower-case letters, digits and dashes"
                                        .formatted(place(bean), name));
                    }
                    connections.put(name, new ConnectionNode(name, bean + "/properties"));
                    blankBean(pointer, i);
                }
            }
        }

        private void readPlainStreams(String pointer) {
            for (int i = 0; i < at(pointer).size(); i++) {
                String bean = pointer + "/" + i;
                if (at(bean).path("type").asText().equals(Stream.class.getName())) {
                    define(at(bean).path("name").asText(), "", Map.of(), bean, bean + "/properties");
                    blankBean(pointer, i);
                }
            }
        }

        private void readStream(int item) {
            String pointer = "/" + item + "/templatedRoute";
            JsonNode route = at(pointer);
            Map<String, String> parameters = new LinkedHashMap<>();
            for (JsonNode parameter : route.path("parameters")) {
                parameters.put(
                        parameter.path("name").asText(), parameter.path("value").asText());
            }
            String spec = specPointer(item);
            define(
                    route.path("routeId").asText(),
                    route.path("routeTemplateRef").asText(),
                    parameters,
                    pointer,
                    spec + "/properties");
        }

        private void define(
                String id, String template, Map<String, String> parameters, String pointer, String properties) {
            try {
                ConnectionNode connection = connectionOf(id, at(properties), pointer);
                if (!id.startsWith(connection.name + "-") || !ID.matcher(id).matches()) {
                    throw new DefinitionException(
                            "%s: stream '%s': an id is '%s-<stream>' in lower-case letters, digits and dashes"
                                    .formatted(place(pointer), id, connection.name));
                }
                String name = id.substring(connection.name.length() + 1);
                for (Account account : accountsOf(id, connection, properties)) {
                    defineFor(account, name, connection, template, parameters, pointer, properties);
                }
            } catch (DefinitionException e) {
                problems.add(new Problem(file, id, e.getMessage()));
            }
        }

        private void defineFor(
                Account account,
                String name,
                ConnectionNode connection,
                String template,
                Map<String, String> parameters,
                String pointer,
                String properties) {
            String id = account.connection() + "-" + name;
            Placeholders placeholders = new Placeholders(connection.name, account.connection(), resolver);
            try {
                Connection settings = bindConnection(connection, account, placeholders);
                String subject = "stream '" + id + "'";
                List<String> layers = layers(connection, properties, subject);
                Function<String, String> where = below -> place(layers.stream()
                                .filter(layer -> yaml.has(layer + below))
                                .findFirst()
                                .orElse(properties)
                        + below);
                JsonNode merged =
                        withSchema(fill(placeholders, merged(layers), subject, place(pointer)), subject, where);
                Stream stream = Binder.bind(merged, Stream.class, subject, where);
                JsonNode auth = at(connection.pointer).path("auth");
                Integer line = yaml.line(pointer);
                streams.add(new StreamDefinition(
                        id,
                        name,
                        connection.name,
                        account.connection(),
                        settings,
                        placeholders.unset(simplest(auth)),
                        kinds(auth).stream()
                                .filter(each -> placeholders.unset(each).isEmpty())
                                .findFirst()
                                .map(each -> placeholders.set(withoutUrl(each)))
                                .orElse(List.of()),
                        placeholders.given(at(connection.pointer).path("needs")),
                        stream,
                        template,
                        parameters,
                        at(properties),
                        file,
                        line == null ? 1 : line));
            } catch (DefinitionException e) {
                problems.add(new Problem(file, id, e.getMessage()));
            }
        }

        /** Returns where a stream's settings are: its own, those of its kind, those of all streams. */
        private List<String> layers(ConnectionNode connection, String properties, String subject) {
            List<String> layers = new ArrayList<>(List.of(properties));
            JsonNode kind = at(properties).path("kind");
            JsonNode kinds = at(connection.pointer).path("kinds");
            if (!kind.isMissingNode() && !kind.isNull()) {
                if (!kinds.has(kind.asText())) {
                    List<String> names = new ArrayList<>();
                    kinds.fieldNames().forEachRemaining(names::add);
                    throw new DefinitionException("%s: %s: kind '%s' is none of the connection's kinds: %s"
                            .formatted(
                                    place(properties + "/kind"),
                                    subject,
                                    kind.asText(),
                                    names.isEmpty() ? "it has none" : String.join(", ", names)));
                }
                layers.add(connection.pointer + "/kinds/"
                        + kind.asText().replace("~", "~0").replace("/", "~1"));
            }
            layers.add(connection.pointer + "/defaults");
            return layers;
        }

        /** Returns settings of several layers as one, the first laid over the others. */
        private JsonNode merged(List<String> layers) {
            JsonNode merged = withoutOurs(at(layers.get(layers.size() - 1)));
            for (int i = layers.size() - 2; i >= 0; i--) {
                merged = Binder.merge(merged, withoutOurs(at(layers.get(i))));
            }
            return merged;
        }

        /** Puts the schema itself in the place of the name of its file. */
        private JsonNode withSchema(JsonNode settings, String subject, Function<String, String> where) {
            JsonNode schema = settings.path("schema");
            if (!schema.isTextual()) {
                return settings;
            }
            try {
                return ((ObjectNode) settings.deepCopy()).set("schema", schemas.read(schema.asText()));
            } catch (IllegalArgumentException e) {
                throw new DefinitionException(
                        "%s: %s: %s".formatted(where.apply("/schema"), subject, e.getMessage()), e);
            }
        }

        private Connection bindConnection(ConnectionNode connection, Account account, Placeholders placeholders) {
            String subject = "connection '" + account.connection() + "'";
            ObjectNode own = at(connection.pointer).isObject()
                    ? ((ObjectNode) at(connection.pointer)).deepCopy()
                    : JsonNodeFactory.instance.objectNode();
            own.remove("defaults");
            own.remove("kinds");
            JsonNode auth = own.remove("auth");
            if (own.hasNonNull("needs")) {
                own.set("needs", placeholders.missing(own.get("needs")));
            }
            JsonNode filled = fill(placeholders, own, subject, place(connection.pointer));
            if (auth != null) {
                ((ObjectNode) filled).set("auth", secrets(placeholders, auth, subject, connection.pointer + "/auth"));
            }
            return Binder.bind(filled, Connection.class, subject, below -> place(connection.pointer + below))
                    .withTags(account.tags());
        }

        /** An account in an address, such as the name of a shop, is no credential. */
        private static JsonNode withoutUrl(JsonNode kind) {
            return kind instanceof ObjectNode object ? object.deepCopy().without(List.of("url")) : kind;
        }

        private static List<JsonNode> kinds(JsonNode auth) {
            List<JsonNode> kinds = new ArrayList<>();
            if (auth.isArray()) {
                auth.forEach(kinds::add);
            } else {
                kinds.add(auth);
            }
            return kinds;
        }

        /** Of several kinds of credential, the last is the one that is explained: files end with the simplest. */
        private static JsonNode simplest(JsonNode auth) {
            return auth.isArray() ? auth.path(auth.size() - 1) : auth;
        }

        /** A secret that is missing is no mistake; one that is there and cannot be had is. */
        private JsonNode secrets(Placeholders placeholders, JsonNode auth, String subject, String pointer) {
            try {
                return placeholders.fillOrEmpty(auth);
            } catch (RuntimeException e) {
                throw new DefinitionException("%s: %s: auth: %s".formatted(place(pointer), subject, e.getMessage()), e);
            }
        }

        private JsonNode fill(Placeholders placeholders, JsonNode node, String subject, String place) {
            try {
                return placeholders.fill(node);
            } catch (IllegalArgumentException e) {
                throw new DefinitionException("%s: %s: %s".formatted(place, subject, e.getMessage()), e);
            }
        }

        private ConnectionNode connectionOf(String id, JsonNode properties, String pointer) {
            String named = properties.path("connection").asText();
            if (named.isEmpty() && connections.size() == 1) {
                return connections.values().iterator().next();
            }
            ConnectionNode connection = connections.get(named.replace("#bean:", ""));
            if (connection == null) {
                throw new DefinitionException("%s: stream '%s': unknown connection '%s'; this file declares: %s"
                        .formatted(
                                place(pointer),
                                id,
                                named,
                                connections.isEmpty() ? "none" : String.join(", ", connections.keySet())));
            }
            return connection;
        }

        /** Returns the accounts that a stream is pulled for: those it names, or all. */
        private List<Account> accountsOf(String id, ConnectionNode connection, String properties) {
            List<Account> declared = accounts.apply(connection.name);
            List<Account> all = declared.isEmpty() ? List.of(new Account(connection.name, Map.of())) : declared;
            List<String> wanted = names(connection, properties, id);
            List<String> known = all.stream().map(Account::connection).toList();
            for (String each : wanted) {
                if (!known.contains(each)) {
                    throw new DefinitionException("%s: stream '%s': accounts: '%s' is no account of %s, these are: %s"
                            .formatted(
                                    place(properties + "/accounts"),
                                    id,
                                    each,
                                    connection.name,
                                    String.join(", ", known)));
                }
            }
            return all.stream()
                    .filter(each -> wanted.isEmpty() || wanted.contains(each.connection()))
                    .toList();
        }

        private List<String> names(ConnectionNode connection, String properties, String id) {
            for (String layer : layers(connection, properties, "stream '" + id + "'")) {
                JsonNode named = at(layer).path("accounts");
                if (!named.isMissingNode()) {
                    List<String> names = new ArrayList<>();
                    if (named.isTextual()) {
                        names.add(named.asText());
                    }
                    named.forEach(each -> names.add(each.asText()));
                    return names;
                }
            }
            return List.of();
        }

        private @Nullable String specPointer(int item) {
            JsonNode beans = at("/" + item + "/templatedRoute/beans");
            for (int i = 0; i < beans.size(); i++) {
                if (beans.get(i).path("name").asText().equals(SPEC)
                        && beans.get(i).path("type").asText().equals(Stream.class.getName())) {
                    return "/" + item + "/templatedRoute/beans/" + i;
                }
            }
            return null;
        }

        private void blankBean(String pointer, int index) {
            boolean last = index + 1 >= at(pointer).size();
            String item = pointer.substring(0, pointer.indexOf('/', 1));
            int next = Integer.parseInt(item.substring(1)) + 1;
            String end = last ? (next < yaml.root().size() ? "/" + next : null) : pointer + "/" + (index + 1);
            boolean allOurs = at(pointer).size()
                    == at(pointer).findValuesAsText("type").stream()
                            .filter(type ->
                                    type.equals(Connection.class.getName()) || type.equals(Stream.class.getName()))
                            .count();
            blank(allOurs && index == 0 ? item : pointer + "/" + index, end);
        }

        /** Empties the lines from the one at which {@code from} begins to the one before {@code to}. */
        private void blank(String from, @Nullable String to) {
            Integer first = yaml.line(from);
            Integer end = to == null ? Integer.valueOf(lines.length + 1) : yaml.line(to);
            for (int i = (first == null ? 1 : first); end != null && i < end; i++) {
                lines[i - 1] = "";
            }
        }

        private JsonNode at(String pointer) {
            return yaml.root().at(pointer);
        }

        private String place(String pointer) {
            Integer line = yaml.line(pointer);
            return line == null ? file : file + ":" + line;
        }
    }

    /** Returns the settings without those that only say where others are found. */
    private static JsonNode withoutOurs(JsonNode properties) {
        if (properties instanceof ObjectNode object) {
            ObjectNode rest = object.deepCopy();
            rest.remove(List.of("connection", "kind", "accounts"));
            return rest;
        }
        return properties.isMissingNode() ? JsonNodeFactory.instance.objectNode() : properties;
    }

    /** A connection bean of the file: its name, and where its properties are. */
    private record ConnectionNode(String name, String pointer) {}

    /** Returns the problems of all files and the ids that two of them claim; of those, the later one is dropped. */
    public static List<VendorFile> withoutDuplicates(List<VendorFile> files) {
        Map<String, StreamDefinition> owners = new LinkedHashMap<>();
        Map<String, StreamDefinition> connections = new LinkedHashMap<>();
        List<VendorFile> checked = new ArrayList<>();
        for (VendorFile each : files) {
            List<StreamDefinition> kept = new ArrayList<>();
            List<Problem> problems = new ArrayList<>(each.problems());
            for (StreamDefinition stream : each.streams()) {
                StreamDefinition owner = owners.putIfAbsent(stream.id(), stream);
                StreamDefinition first = connections.putIfAbsent(stream.connection(), stream);
                if (owner == null && first != null && !first.settings().equals(stream.settings())) {
                    owners.remove(stream.id());
                    problems.add(new Problem(
                            each.file(),
                            stream.id(),
                            "%s:%d: stream '%s': the connection '%s' is another than that of %s; put both streams into one file, or give it another name"
                                    .formatted(
                                            each.file(),
                                            stream.line(),
                                            stream.id(),
                                            stream.connection(),
                                            first.file())));
                } else if (owner == null) {
                    kept.add(stream);
                } else {
                    problems.add(new Problem(
                            each.file(),
                            "",
                            "%s:%d: stream '%s' is already defined at %s:%d; give one of them another id"
                                    .formatted(each.file(), stream.line(), stream.id(), owner.file(), owner.line())));
                }
            }
            checked.add(new VendorFile(each.file(), kept, problems, each.camel()));
        }
        return checked;
    }
}
