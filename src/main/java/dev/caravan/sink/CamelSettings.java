package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint of Camel. Its text shows no value of a parameter.
 *
 * @param name tells several sinks of one stream apart; default {@code camel}
 * @param uri address of the endpoint, {@code kafka:orders}, without parameters
 * @param parameters its options, secrets among them; default none
 * @param files whether a message is a whole file of a commit; default false, a message for each row
 * @param keyHeader header that gets the key of a row, {@code kafka.KEY}; null for none
 * @param as format and compression of the files, where those are sent
 */
record CamelSettings(
        String name,
        String uri,
        Map<String, String> parameters,
        boolean files,
        @Nullable String keyHeader,
        FileSettings as)
        implements SinkSettings {
    private static final Pattern ADDRESS = Pattern.compile("[a-z][a-z0-9+.-]*:.+");
    private static final Pattern CREDENTIAL = Pattern.compile("[^:]+:(//)?[^/@:]*:[^/@]*@.*");

    CamelSettings {
        SinkSettings.checkName(name);
        parameters = Map.copyOf(parameters);
        int question = uri.indexOf('?');
        if (question >= 0) {
            throw new IllegalArgumentException(
                    "sink: uri '%s' has parameters behind it, which would be shown; give them as 'parameters': {name: value}"
                            .formatted(CREDENTIAL.matcher(uri).matches() ? "…" : uri.substring(0, question)));
        }
        if (CREDENTIAL.matcher(uri).matches()) {
            throw new IllegalArgumentException(
                    "sink: uri has a password in it, which would be shown; give it in 'parameters', under the name that the"
                            + " component has for it");
        }
        if (!ADDRESS.matcher(uri).matches()) {
            throw new IllegalArgumentException(
                    "sink: uri '%s' is no address of an endpoint, write one such as kafka:orders or direct:orders"
                            .formatted(uri));
        }
        if (uri.startsWith("seda:")) {
            throw new IllegalArgumentException(
                    "sink: uri '%s' takes messages into memory only, where a crash loses them; use direct: with a route of yours"
                            .formatted(uri));
        }
        if (files && keyHeader != null) {
            throw new IllegalArgumentException(
                    "sink: key-header '%s' is for 'send: rows', a file has many keys".formatted(keyHeader));
        }
    }

    @JsonCreator
    @SuppressWarnings("TooManyParameters") // one for each setting
    static CamelSettings of(
            @JsonProperty("name") String name,
            @JsonProperty("uri") @Nullable String uri,
            @JsonProperty("parameters") @Nullable Map<String, String> parameters,
            @JsonProperty("send") @Nullable String send,
            @JsonProperty("key-header") @Nullable String keyHeader,
            @JsonProperty("format") @Nullable FileFormat format,
            @JsonProperty("compression") @Nullable Compression compression,
            @JsonProperty("batch") @Nullable BatchSettings batch) {
        if (uri == null) {
            throw new IllegalArgumentException("sink: camel needs a 'uri', kafka:orders for example");
        }
        boolean files = "files".equals(send);
        if (send != null && !files && !send.equals("rows")) {
            throw new IllegalArgumentException("sink: send '%s' is not one of rows, files".formatted(send));
        }
        if (!files && (format != null || compression != null)) {
            throw new IllegalArgumentException(
                    "sink: format and compression are for 'send: files', a row is sent as JSON");
        }
        return new CamelSettings(
                name,
                uri,
                parameters == null ? Map.of() : parameters,
                files,
                keyHeader,
                FileSettings.of(name, format, compression, null, null, null, batch));
    }

    @Override
    public BatchSettings batch() {
        return as.batch();
    }

    @Override
    public Sink open(SinkContext stream) {
        stream.requireAdding("what was sent to " + uri);
        stream.outlet().check(uri);
        return new EndpointSink(this, stream);
    }

    @Override
    public String toString() {
        return "CamelSettings[name=%s, uri=%s, parameters=%s, files=%s, keyHeader=%s, as=%s]"
                .formatted(name, uri, new TreeMap<>(parameters).keySet(), files, keyHeader, as);
    }
}
