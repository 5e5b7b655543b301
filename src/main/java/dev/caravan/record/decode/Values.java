package dev.caravan.record.decode;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Writes texts of formats that have nothing else as members of JSON. */
final class Values {
    private Values() {}

    /** @param text that fits its type, or is empty */
    static void write(String name, String text, DecodeSettings settings, JsonGenerator json) throws IOException {
        if (text.isEmpty()) {
            ValueType type = settings.types().getOrDefault(name, ValueType.TEXT);
            if (settings.empty() == Empty.TEXT && type == ValueType.TEXT) {
                json.writeStringField(name, "");
            } else if (settings.empty() != Empty.OMIT) {
                json.writeNullField(name);
            }
            return;
        }
        json.writeFieldName(name);
        writeValue(name, text, settings, json);
    }

    static void writeValue(String name, String text, DecodeSettings settings, JsonGenerator json) throws IOException {
        ValueType type = settings.types().getOrDefault(name, ValueType.TEXT);
        if (type == ValueType.TEXT) {
            json.writeString(text);
        } else {
            json.writeRawValue(type.json(text));
        }
    }
}
