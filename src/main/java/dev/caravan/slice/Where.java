package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.caravan.json.JsonPath;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a record: {@code $.is_member}, {@code $.reply_count > 0}, {@code $.manager != true},
 * {@code $.status == 'active'}.
 *
 * <p>A path alone asks whether its value is there and is neither false, nor 0, nor empty. Numbers are compared as numbers where
 * both sides are; everything else only for being the same text.
 */
public final class Where {
    private static final Pattern FORM =
            Pattern.compile("\\s*(?<path>[^\\s=!<>]+)\\s*(?:(?<sign>==|=~|!=|>=|<=|>|<)\\s*(?<value>\\S.*?)\\s*)?");

    private static final String NULL = "null";
    private static final String LIKE = "=~";

    private final String text;
    private final JsonPath path;
    private final @Nullable String sign;
    private final String value;
    private final @Nullable Pattern pattern;

    private Where(String text, JsonPath path, @Nullable String sign, String value) {
        this.text = text;
        this.path = path;
        this.sign = sign;
        this.value = value;
        this.pattern = LIKE.equals(sign) ? pattern(value, text) : null;
    }

    private static Pattern pattern(String value, String text) {
        try {
            return Pattern.compile(value);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "where '%s': '%s' is no regular expression: %s".formatted(text, value, e.getDescription()), e);
        }
    }

    /**
     * Reads a condition.
     *
     * @throws IllegalArgumentException if {@code text} is none
     */
    @JsonCreator
    public static Where parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw refused(text);
        }
        String sign = matcher.group("sign");
        Where where = new Where(
                text.strip(),
                JsonPath.parse(matcher.group("path")),
                sign,
                sign == null ? "" : unquoted(matcher.group("value"), text));
        if (sign != null && !sign.endsWith("=") && !sign.equals(LIKE) && number(where.value) == null) {
            throw new IllegalArgumentException(
                    "where '%s': '%s' compares numbers, and '%s' is none".formatted(text, sign, where.value));
        }
        return where;
    }

    private static String unquoted(String value, String text) {
        char first = value.charAt(0);
        if (first != '\'' && first != '"') {
            return value;
        }
        if (value.length() < 2 || value.charAt(value.length() - 1) != first) {
            throw refused(text);
        }
        return value.substring(1, value.length() - 1);
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "where '%s' is no condition, write $.is_member, $.reply_count > 0 or $.status == 'active'"
                        .formatted(text));
    }

    public JsonPath path() {
        return path;
    }

    /** Returns {@code ==}, {@code >} and so on; null if only the path is asked for. */
    public @Nullable String sign() {
        return sign;
    }

    /** Returns what the value at the path is compared with, without quotes. */
    public String value() {
        return value;
    }

    /** @param values finds the text of a place in the record; empty if there is none, or null */
    public boolean holds(Function<JsonPath, Optional<String>> values) {
        String found = values.apply(path).orElse(null);
        if (pattern != null) {
            return found != null && pattern.matcher(found).find();
        }
        if (sign == null) {
            return found != null && !found.isEmpty() && !found.equals("false") && !isZero(found);
        }
        if (found == null) {
            return value.equals(NULL) ? !sign.equals("!=") && !isOrder() : sign.equals("!=");
        }
        BigDecimal one = number(found);
        BigDecimal other = number(value);
        if (one == null || other == null) {
            return sign.equals("==") ? found.equals(value) : sign.equals("!=") && !found.equals(value);
        }
        int order = one.compareTo(other);
        return switch (sign) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            case "<" -> order < 0;
            default -> order <= 0;
        };
    }

    private boolean isOrder() {
        return !"==".equals(sign) && !"!=".equals(sign);
    }

    private static boolean isZero(String text) {
        BigDecimal number = number(text);
        return number != null && number.signum() == 0;
    }

    private static @Nullable BigDecimal number(String text) {
        if (text.isEmpty() || text.length() > 100 || "-0123456789".indexOf(text.charAt(0)) < 0) {
            return null;
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Where where && text.equals(where.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
