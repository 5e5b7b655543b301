package dev.caravan.record.decode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.LooseJson;
import dev.caravan.json.PathTree;
import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.decode.Parts.Range;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds where the parts of a large answer are, in one walk over its file. For one thread. */
final class PartIndex {
    /** A part is as large as a good page; one record that is larger is a part of its own. */
    static final int PART = 4 << 20;

    private static final int MOST_BESIDE = 1 << 20;
    private static final int BUFFER = 64 * 1024;

    private final FileChannel file;
    private final long most;
    private final List<Range> parts = new ArrayList<>();
    private long begin = -1;
    private long end;

    /** @param most bytes of a part, and so of a record */
    private PartIndex(FileChannel file, long most) {
        this.file = file;
        this.most = most;
    }

    /** @param container the list of the records */
    static Parts.Index ofJson(FileChannel file, JsonPath container, boolean optional, long most) {
        PartIndex index = new PartIndex(file, most);
        try {
            return index.json(container, optional);
        } catch (JsonProcessingException e) {
            throw RecordDecodeException.broken(e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
        }
    }

    static Parts.Index ofLines(FileChannel file, long most) {
        PartIndex index = new PartIndex(file, most);
        try {
            index.lines();
            return new Parts.Index(index.parts, new byte[0]);
        } catch (IOException e) {
            throw RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
        }
    }

    private InputStream from(long position) throws IOException {
        file.position(position);
        // The channel stays open: the stream is not closed.
        return new BufferedInputStream(Channels.newInputStream(file), BUFFER);
    }

    private int mark() throws IOException {
        byte[] start = from(0).readNBytes(3);
        return Arrays.equals(start, new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}) ? 3 : 0;
    }

    private Parts.Index json(JsonPath container, boolean optional) throws IOException {
        int mark = mark();
        JsonParser parser = LooseJson.parser(from(mark));
        if (parser.nextToken() == null) {
            throw RecordDecodeException.broken("it is empty", null);
        }
        long[] records = {-1, -1};
        walk(parser, PathTree.of(List.of(container)), mark, records, container);
        if (parser.nextToken() != null) {
            throw RecordDecodeException.broken("more follows behind its end", null);
        }
        if (records[0] < 0 && !optional) {
            throw RecordDecodeException.unexpected("there is nothing at " + container);
        }
        return new Parts.Index(parts, records[0] < 0 ? beside(mark, mark, mark) : beside(mark, records[0], records[1]));
    }

    private void walk(JsonParser parser, @Nullable PathTree at, int mark, long[] records, JsonPath container)
            throws IOException {
        JsonToken token = parser.currentToken();
        if (at == null) {
            parser.skipChildren();
        } else if (at.targets().length > 0 && token != JsonToken.VALUE_NULL) {
            if (token != JsonToken.START_ARRAY) {
                throw RecordDecodeException.unexpected("%s is not a list".formatted(container));
            }
            records[0] = mark + parser.currentLocation().getByteOffset();
            elements(parser, mark);
            records[1] = mark + parser.currentTokenLocation().getByteOffset();
        } else if (token == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                walk(parser, at.field(name), mark, records, container);
            }
        } else if (token == JsonToken.START_ARRAY) {
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                walk(parser, at.element(i), mark, records, container);
            }
        }
    }

    private void elements(JsonParser parser, int mark) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            long start = mark + parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            add(start, mark + parser.currentLocation().getByteOffset());
        }
        seal();
    }

    /** Adds a record to the part that is being filled. */
    private void add(long start, long behind) {
        if (begin >= 0 && behind - begin > PART) {
            seal();
        }
        if (behind - start > most) {
            throw RecordDecodeException.unexpected(
                    "a record at byte %,d is larger than %,d bytes".formatted(start, most));
        }
        begin = begin < 0 ? start : begin;
        end = behind;
    }

    private void seal() {
        if (begin >= 0) {
            parts.add(new Range(begin, end));
            begin = -1;
        }
    }

    private byte[] beside(long from, long begins, long ends) throws IOException {
        long before = begins - from;
        long behind = file.size() - ends;
        if (before + behind > MOST_BESIDE) {
            throw RecordDecodeException.unexpected(
                    "it has more than %,d bytes beside its records".formatted(MOST_BESIDE));
        }
        ByteBuffer rest = ByteBuffer.allocate((int) (before + behind));
        read(rest, (int) before, from);
        read(rest, rest.capacity(), ends);
        return rest.array();
    }

    private void read(ByteBuffer into, int limit, long from) throws IOException {
        into.limit(limit);
        long at = from;
        while (into.hasRemaining()) {
            int read = file.read(into, at);
            if (read < 0) {
                throw new java.io.EOFException("the file that keeps it became shorter");
            }
            at += read;
        }
    }

    private void lines() throws IOException {
        long position = mark();
        InputStream in = from(position);
        long start = position;
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    add(start, position + i + 1);
                    start = position + i + 1;
                }
            }
            position += read;
        }
        if (start < position) {
            add(start, position);
        }
        seal();
    }
}
