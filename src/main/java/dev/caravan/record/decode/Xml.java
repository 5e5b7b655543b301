package dev.caravan.record.decode;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordDecodeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Makes a JSON document of an XML one: an element is an object of its attributes, {@code @name}, and its elements by name,
 * several of one name a list, or, if it has neither, its text; text beside them is {@code #text}. Names have no prefixes.
 *
 * <p>A document type, entities of its own and whatever lies outside the document are refused.
 */
final class Xml {
    private static final XMLInputFactory FACTORY = factory();
    private static final String SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

    private final DecodeSettings settings;
    private final XMLStreamReader reader;

    private Xml(DecodeSettings settings, XMLStreamReader reader) {
        this.settings = settings;
        this.reader = reader;
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("it refers to something outside of it");
        });
        return factory;
    }

    /** @param body in UTF-8 if {@code known}; otherwise its declaration says the encoding */
    static Decoded decode(DecodeSettings settings, byte[] body, boolean known) {
        try {
            ByteArrayInputStream in = new ByteArrayInputStream(body);
            XMLStreamReader reader = known
                    ? FACTORY.createXMLStreamReader(in, StandardCharsets.UTF_8.name())
                    : FACTORY.createXMLStreamReader(in);
            return Decoded.document(new Xml(settings, reader).document());
        } catch (XMLStreamException | IOException e) {
            String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw RecordDecodeException.broken("as XML, " + message, e);
        }
    }

    private byte[] document() throws XMLStreamException, IOException {
        while (reader.next() != XMLStreamConstants.START_ELEMENT) {
            if (reader.getEventType() == XMLStreamConstants.DTD) {
                throw RecordDecodeException.unexpected("the XML has a document type, which may hide anything");
            }
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (JsonGenerator json = StrictJson.factory().createGenerator(all)) {
            json.writeStartObject();
            json.writeFieldName(reader.getLocalName());
            raw(json, element(1));
            json.writeEndObject();
        }
        while (reader.hasNext()) {
            reader.next();
        }
        return all.toByteArray();
    }

    /** Returns the JSON of the element that begins here, and leaves the reader at its end. */
    private byte[] element(int depth) throws XMLStreamException, IOException {
        if (depth > StrictJson.MAX_DEPTH) {
            throw RecordDecodeException.unexpected("the XML has more than %d levels".formatted(StrictJson.MAX_DEPTH));
        }
        String name = reader.getLocalName();
        Map<String, String> attributes = attributes();
        boolean nil = "true".equals(reader.getAttributeValue(SCHEMA_INSTANCE, "nil"));
        Map<String, List<byte[]>> children = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        for (int event = reader.next(); event != XMLStreamConstants.END_ELEMENT; event = reader.next()) {
            if (event == XMLStreamConstants.START_ELEMENT) {
                String child = reader.getLocalName();
                children.computeIfAbsent(child, any -> new ArrayList<>()).add(element(depth + 1));
            } else if (event == XMLStreamConstants.CHARACTERS
                    || event == XMLStreamConstants.CDATA
                    || event == XMLStreamConstants.SPACE) {
                text.append(reader.getText());
            } else if (event == XMLStreamConstants.ENTITY_REFERENCE) {
                throw RecordDecodeException.unexpected("the XML has the entity '%s'".formatted(reader.getLocalName()));
            }
        }
        if (nil) {
            return "null".getBytes(StandardCharsets.UTF_8);
        }
        return attributes.isEmpty() && children.isEmpty()
                ? leaf(name, text.toString())
                : object(attributes, children, text);
    }

    private Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            if (!SCHEMA_INSTANCE.equals(reader.getAttributeNamespace(i))) {
                attributes.put("@" + reader.getAttributeLocalName(i), reader.getAttributeValue(i));
            }
        }
        return attributes;
    }

    private byte[] leaf(String name, String text) throws IOException {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        ValueType type = settings.types().getOrDefault(name, ValueType.TEXT);
        try (JsonGenerator json = StrictJson.factory().createGenerator(value)) {
            if (text.isEmpty() && (type != ValueType.TEXT || settings.empty() != Empty.TEXT)) {
                json.writeNull();
            } else if (type != ValueType.TEXT && type.fits(text.strip())) {
                json.writeRawValue(type.json(text.strip()));
            } else {
                json.writeString(text);
            }
        }
        return value.toByteArray();
    }

    private byte[] object(Map<String, String> attributes, Map<String, List<byte[]>> children, StringBuilder text)
            throws IOException {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        try (JsonGenerator json = StrictJson.factory().createGenerator(value)) {
            json.writeStartObject();
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                Values.write(attribute.getKey(), attribute.getValue(), settings, json);
            }
            children.forEach((name, values) -> member(json, name, values));
            if (!text.toString().isBlank()) {
                json.writeStringField("#text", text.toString().strip());
            }
            json.writeEndObject();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return value.toByteArray();
    }

    private void member(JsonGenerator json, String name, List<byte[]> values) {
        try {
            if (values.size() == 1 && !settings.lists().contains(name)) {
                if (settings.empty() != Empty.OMIT || !isNull(values.get(0))) {
                    json.writeFieldName(name);
                    raw(json, values.get(0));
                }
                return;
            }
            json.writeArrayFieldStart(name);
            for (byte[] each : values) {
                raw(json, each);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNull(byte[] value) {
        return value.length == 4 && value[0] == 'n';
    }

    private static void raw(JsonGenerator json, byte[] value) throws IOException {
        json.writeRawValue(new SerializedString(new String(value, StandardCharsets.UTF_8)));
    }
}
