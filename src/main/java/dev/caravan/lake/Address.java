package dev.caravan.lake;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a lake is: {@code s3://bucket/prefix} or {@code gs://bucket/prefix}, the prefix at will.
 *
 * @param scheme {@code s3} or {@code gs}
 * @param bucket name of the bucket
 * @param prefix what all keys begin with, with '/' at its end; empty for all of the bucket
 */
public record Address(String scheme, String bucket, String prefix) {
    private static final Pattern FORM = Pattern.compile("(s3|gs)://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(.*))?");
    // What every store, and every tool that reads it, takes without encoding it; DuckDB takes '*', '?' and '[' for
    // patterns.
    private static final Pattern PREFIX = Pattern.compile("(?:[A-Za-z0-9][A-Za-z0-9!=._-]*/)*");

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is none, with what would be right
     */
    public static Address parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'%s' is no address of a bucket: write s3://bucket/prefix or gs://bucket/prefix. Leave it out for a local folder, which caravan.data names"
                            .formatted(text));
        }
        String path = form.group(3) == null ? "" : form.group(3);
        String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "'%s': the prefix '%s' is to be of names of letters, digits and !=._- that begin with a letter or digit, with '/' between them"
                            .formatted(text, path));
        }
        return new Address(form.group(1), form.group(2), prefix);
    }

    /** Returns the key of an object within the bucket. */
    public String key(String relative) {
        return prefix + relative;
    }

    /** Returns what people call an object. */
    public String name(String relative) {
        return "%s://%s/%s%s".formatted(scheme, bucket, prefix, relative);
    }

    @Override
    public String toString() {
        return name("");
    }
}
