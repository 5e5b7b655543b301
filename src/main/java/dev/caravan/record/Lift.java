package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath.Place;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes the members of one field of a record members of the record, each with the bytes it came in. A member whose name the
 * record has already is called {@code <field>_<name>}.
 */
final class Lift {
    private final String field;

    private record Member(String name, int start, int end) {}

    Lift(String field) {
        this.field = field;
    }

    /**
     * Returns the record lifted; without the field, as it is.
     *
     * @throws IllegalArgumentException if the field is no object
     */
    byte[] lifted(byte[] record) throws IOException {
        List<Member> outer = members(record, 0, record.length);
        Set<String> names = new HashSet<>();
        outer.forEach(member -> names.add(member.name()));
        ByteArrayOutputStream made = new ByteArrayOutputStream(record.length);
        made.write('{');
        for (Member member : outer) {
            if (!member.name().equals(field)) {
                append(made, member.name(), record, member);
            } else if (record[member.start()] == '{') {
                for (Member inner : members(record, member.start(), member.end() - member.start())) {
                    boolean taken =
                            names.contains(inner.name()) && !inner.name().equals(field);
                    append(made, taken ? field + "_" + inner.name() : inner.name(), record, inner);
                }
            } else if (record[member.start()] != 'n') {
                throw new IllegalArgumentException("the field '%s' to lift is no object".formatted(field));
            }
        }
        made.write('}');
        return made.toByteArray();
    }

    private static void append(ByteArrayOutputStream made, String name, byte[] record, Member member) {
        if (made.size() > 1) {
            made.write(',');
        }
        made.writeBytes(Splice.name(name));
        made.write(record, member.start(), member.end() - member.start());
    }

    private static List<Member> members(byte[] bytes, int offset, int length) throws IOException {
        List<Member> members = new ArrayList<>();
        try (JsonParser parser = StrictJson.factory().createParser(bytes, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a record is an object");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                Place place = Place.at(parser);
                members.add(new Member(name, offset + place.start(), offset + place.end()));
            }
        }
        return members;
    }
}
