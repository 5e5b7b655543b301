package dev.caravan.connection;

import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes secrets out of texts: by the name before them, and by value where it is known, in every form of {@link SecretForms}. Safe for
 * any number of threads.
 *
 * <p>Tokens that only turn a page, such as {@code page_token}, are shown.
 */
public final class Redaction {
    /** Knows no values, only names. */
    public static final Redaction BY_NAME = new Redaction(List.of());

    private static final String MASK = "***";
    private static final int SHORTEST = 4;

    private static final Pattern SECRET = Pattern.compile(
            "authorization|token|api-?key|access-?key|private-?key|account-?key|client-?key|secret|passw|pwd|"
                    + "signature|credential|cookie|session-?id|jwt|bearer|(^|-)(key|sig|auth)($|-)");
    private static final Pattern PAGE_TOKEN = Pattern.compile(
            "(^|-)(page|next|prev|previous|continuation|sync|start|cursor)-?(page-?)?token$|(^|-)token-?type$");

    /** What stands before a value: {@code name=}, {@code "name": }, {@code Name: }. */
    private static final Pattern NAMED = Pattern.compile("([\\w.\\[\\]-]{1,80})\\\\{0,3}[\"']?\\s{0,3}[:=]\\s{0,3}");

    private static final Pattern SCHEME =
            Pattern.compile("\\G(Bearer|Basic|Digest|token)\\s+", Pattern.CASE_INSENSITIVE);
    private static final String ENDS = " \t\r\n,;&\"'<>}]";

    private final Supplier<? extends Collection<String>> secrets;
    private volatile Known known;

    /** @param secrets known secret values; those shorter than four signs cannot be told from other text and are left out */
    public Redaction(Collection<String> secrets) {
        this(() -> secrets);
    }

    private Redaction(Supplier<? extends Collection<String>> secrets) {
        this.secrets = secrets;
        this.known = new Known(secrets.get());
    }

    /**
     * Returns one that knows what {@code secrets} returns at the time.
     *
     * @param secrets asked for every text; returns the same collection as long as nothing changes
     */
    public static Redaction of(Supplier<? extends Collection<String>> secrets) {
        return new Redaction(secrets);
    }

    /**
     * What is known at a time.
     *
     * @param secrets as they were given
     * @param values every form of each, the longest first
     */
    private record Known(Collection<String> secrets, List<String> values) {
        Known(Collection<String> secrets) {
            this(
                    secrets,
                    secrets.stream()
                            .filter(each -> each.strip().length() >= SHORTEST)
                            .flatMap(each -> SecretForms.of(each).stream())
                            .distinct()
                            .sorted(Comparator.comparingInt(String::length).reversed())
                            .toList());
        }
    }

    @SuppressWarnings("ReferenceEquality") // another collection may know more
    private List<String> values() {
        Collection<String> now = secrets.get();
        Known before = known;
        if (before.secrets != now) {
            before = new Known(now);
            known = before;
        }
        return before.values;
    }

    /** Tells whether what stands under {@code name} is to be masked. */
    public static boolean isSecret(String name) {
        String plain = name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("-$", "");
        return SECRET.matcher(plain).find() && !PAGE_TOKEN.matcher(plain).find();
    }

    public String text(String text) {
        String masked = values(text);
        StringBuilder shown = new StringBuilder();
        Matcher named = NAMED.matcher(masked);
        int done = 0;
        while (named.find()) {
            if (named.start() >= done && isSecret(named.group(1))) {
                shown.append(masked, done, named.end()).append(MASK);
                done = valueEnd(masked, named.end());
            }
        }
        return shown.append(masked, done, masked.length()).toString();
    }

    private static int valueEnd(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == '\\') {
            at++;
        }
        if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
            // JSON within JSON has its quotes escaped, and their end is escaped alike.
            String quote = text.substring(from, at + 1);
            return quote.length() > 1 ? end(text.indexOf(quote, at + 1), quote, text) : closingQuote(text, at);
        }
        Matcher scheme = SCHEME.matcher(text);
        at = scheme.find(from) ? scheme.end() : from;
        while (at < text.length() && ENDS.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static int end(int found, String quote, String text) {
        return found < 0 ? text.length() : found + quote.length();
    }

    private static int closingQuote(String text, int open) {
        int at = open + 1;
        while (at < text.length() && text.charAt(at) != text.charAt(open)) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(text.length(), at + 1);
    }

    public String uri(URI uri) {
        String text = uri.toString();
        int mark = text.indexOf('?');
        String before = mark < 0 ? text : text.substring(0, mark);
        before = values(before.replaceFirst("//[^/@]*@", "//" + MASK + "@"));
        if (mark < 0) {
            return before;
        }
        return before + "?"
                + Arrays.stream(text.substring(mark + 1).split("&"))
                        .map(this::parameter)
                        .collect(Collectors.joining("&"));
    }

    private String parameter(String parameter) {
        int equals = parameter.indexOf('=');
        return equals >= 0 && isSecret(Uris.queryName(parameter))
                ? parameter.substring(0, equals + 1) + MASK
                : values(parameter);
    }

    public Map<String, String> headers(Map<String, String> headers) {
        Map<String, String> masked = new LinkedHashMap<>();
        headers.forEach((name, value) -> masked.put(name, isSecret(name) ? MASK : values(value)));
        return masked;
    }

    /** Returns {@code text} without the secrets that are known by value. */
    public String values(String text) {
        String masked = text;
        for (String each : values()) {
            masked = masked.replace(each, MASK);
        }
        return masked;
    }
}
