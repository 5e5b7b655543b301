package dev.caravan.record.decode;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a stream's answers are written: {@code decode: csv}, or {@code decode: {as: csv, separator: ";", encoding: windows-1252}}.
 *
 * @param as the format; default is JSON
 * @param encoding of the text, null for what the answer's bytes and head say
 * @param csv how CSV is written; for other formats its defaults
 * @param empty what a cell or element without content becomes; default an empty text
 * @param types of cells by column, and of elements by name; what is not named stays text
 * @param lists elements of XML that are lists, also where there is one of them
 * @param largest bytes of an answer that is kept on disk and read in parts, of JSON and JSON Lines; 0 for answers that fit into
 *     memory
 * @param entries pattern of the files of a zip that are meant, {@code *} for any text; null for all
 */
public record DecodeSettings(
        Format as,
        @Nullable Charset encoding,
        CsvSettings csv,
        Empty empty,
        Map<String, ValueType> types,
        Set<String> lists,
        long largest,
        @Nullable String entries) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*(MB|GB)");

    private static final CsvSettings USUAL_CSV = new CsvSettings(",", '"', null, List.of(), 0, false);

    /** Plain JSON. */
    public static final DecodeSettings USUAL = of(Format.JSON);

    public DecodeSettings {
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
        lists = Set.copyOf(lists);
        boolean texts = as == Format.CSV || as == Format.XML;
        if (as != Format.CSV && !csv.equals(USUAL_CSV)) {
            throw new IllegalArgumentException(
                    "decode: separator, quote, escape, columns, skip and ragged are for 'as: csv', this is " + as);
        }
        if (!texts && (!types.isEmpty() || empty != Empty.TEXT)) {
            throw new IllegalArgumentException(
                    "decode: types and empty are for csv and xml, %s has its own".formatted(as));
        }
        if (as != Format.XML && !lists.isEmpty()) {
            throw new IllegalArgumentException("decode: lists are for 'as: xml', this is " + as);
        }
        if (largest > 0 && (texts || encoding != null)) {
            throw new IllegalArgumentException(
                    "decode: largest is for json and json-lines in UTF-8; for %s raise caravan.max-page".formatted(as));
        }
        if (entries != null && entries.isBlank()) {
            throw new IllegalArgumentException("decode: entries: '' fits no file, write \"*.csv\"");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    @SuppressWarnings("TooManyParameters") // one for each setting
    static DecodeSettings of(
            @JsonProperty("as") @Nullable Format as,
            @JsonProperty("encoding") @Nullable String encoding,
            @JsonProperty("separator") @Nullable String separator,
            @JsonProperty("quote") @Nullable String quote,
            @JsonProperty("escape") @Nullable String escape,
            @JsonProperty("columns") @Nullable List<String> columns,
            @JsonProperty("skip") int skip,
            @JsonProperty("ragged") @Nullable String ragged,
            @JsonProperty("empty") @Nullable Empty empty,
            @JsonProperty("types") @Nullable Map<String, ValueType> types,
            @JsonProperty("lists") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    Set<String> lists,
            @JsonProperty("largest") @Nullable String largest,
            @JsonProperty("entries") @Nullable String entries) {
        if (ragged != null && !Set.of("reject", "fill").contains(ragged)) {
            throw new IllegalArgumentException("Unknown 'ragged: %s', use reject or fill".formatted(ragged));
        }
        return new DecodeSettings(
                as == null ? Format.JSON : as,
                encoding == null ? null : charset(encoding),
                new CsvSettings(
                        separator == null ? "," : separator,
                        quote == null ? Character.valueOf('"') : sign("quote", quote),
                        escape == null ? null : sign("escape", escape),
                        columns == null ? List.of() : columns,
                        skip,
                        Objects.equals(ragged, "fill")),
                empty == null ? Empty.TEXT : empty,
                types == null ? Map.of() : types,
                lists == null ? Set.of() : lists,
                largest == null ? 0 : bytes(largest),
                entries);
    }

    /** Reads the short form, the name of a format. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static DecodeSettings of(String as) {
        return of(Format.named(as));
    }

    private static DecodeSettings of(Format as) {
        return new DecodeSettings(as, null, USUAL_CSV, Empty.TEXT, Map.of(), Set.of(), 0, null);
    }

    private static long bytes(String text) {
        Matcher size = SIZE.matcher(text.trim());
        if (!size.matches() || Integer.parseInt(size.group(1)) == 0) {
            throw new IllegalArgumentException("decode: largest '%s' is no size, write 500MB or 2GB".formatted(text));
        }
        return Long.parseLong(size.group(1)) << (size.group(2).equals("MB") ? 20 : 30);
    }

    private static @Nullable Character sign(String setting, String text) {
        if (text.length() > 1) {
            throw new IllegalArgumentException("decode: %s '%s' is more than one character".formatted(setting, text));
        }
        return text.isEmpty() ? null : Character.valueOf(text.charAt(0));
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new IllegalArgumentException(
                    "decode: encoding '%s' is unknown, write one such as utf-8 or windows-1252".formatted(name), e);
        }
    }
}
