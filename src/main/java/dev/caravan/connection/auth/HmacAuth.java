package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests with a shared secret. */
final class HmacAuth implements Auth {
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]*)}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final HmacSettings settings;
    private final String missing;
    private final Clock clock;
    private final Set<String> secrets;

    HmacAuth(HmacSettings settings, String missing, Clock clock) {
        this.settings = settings;
        this.missing = missing;
        this.clock = clock;
        Set<String> all = new LinkedHashSet<>(settings.headers().values());
        all.add(settings.secret());
        all.removeIf(String::isEmpty);
        this.secrets = Set.copyOf(all);
    }

    @Override
    public Request authorize(Request request) {
        if (!missing.isEmpty()) {
            throw new CredentialMissingException(missing);
        }
        String time = time();
        String nonce = nonce();
        // A request that is signed again must not carry what it is signed with.
        Request signed = settings.to().clear(request);
        for (Map.Entry<String, String> each : settings.headers().entrySet()) {
            signed = signed.withHeader(each.getKey(), each.getValue());
        }
        if (settings.timeTo() != null) {
            signed = settings.timeTo().put(signed, time);
        }
        if (settings.nonceTo() != null) {
            signed = settings.nonceTo().put(signed, nonce);
        }
        return settings.to().put(signed, signature(text(signed, time, nonce)));
    }

    private String time() {
        Instant now = clock.instant();
        return switch (settings.timeFormat()) {
            case "epoch-millis" -> Long.toString(now.toEpochMilli());
            case "iso" -> now.truncatedTo(ChronoUnit.SECONDS).toString();
            default -> Long.toString(now.getEpochSecond());
        };
    }

    private static String nonce() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private byte[] text(Request request, String time, String nonce) {
        Matcher expression = EXPRESSION.matcher(settings.template());
        StringBuilder text = new StringBuilder();
        while (expression.find()) {
            expression.appendReplacement(
                    text, Matcher.quoteReplacement(value(expression.group(1), request, time, nonce)));
        }
        return expression.appendTail(text).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String value(String name, Request request, String time, String nonce) {
        URI uri = request.uri();
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        byte[] body = request.body() == null ? new byte[0] : request.body();
        return switch (name) {
            case "method" -> request.method();
            case "path" -> uri.getRawPath();
            case "query" -> query;
            case "sorted-query" -> Arrays.stream(query.split("&")).sorted().collect(Collectors.joining("&"));
            case "host" -> uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
            case "url" -> uri.toString();
            case "body" -> new String(body, StandardCharsets.UTF_8);
            case "body-sha256" -> HexFormat.of().formatHex(sha256(body));
            case "timestamp" -> time;
            case "nonce" -> nonce;
            default -> throw new IllegalStateException("The settings checked the name " + name);
        };
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private String signature(byte[] text) {
        try {
            String name = "Hmac" + settings.algorithm().toUpperCase(Locale.ROOT);
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(settings.secret().getBytes(StandardCharsets.UTF_8), name));
            byte[] signature = mac.doFinal(text);
            return switch (settings.encoding()) {
                case "base64" -> Base64.getEncoder().encodeToString(signature);
                case "base64url" -> Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
                default -> HexFormat.of().formatHex(signature);
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HMAC", e);
        }
    }

    @Override
    public boolean configured() {
        return missing.isEmpty();
    }

    @Override
    public Set<String> secrets() {
        return secrets;
    }

    @Override
    public String toString() {
        return "HmacAuth[%s]".formatted(settings.to());
    }
}
