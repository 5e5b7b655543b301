package dev.caravan.connection.auth;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.secret.Turn;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One login: a person lets this application in, and what the vendor gives for it is kept for the connection.
 *
 * <p>By authorization code with PKCE (RFC 7636), by a code for another device (RFC 8628), or by a refresh token that the
 * person has already. Never shows a token. For one thread.
 */
public final class Login {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

    private final TokenSettings settings;
    private final AuthContext context;
    private final TokenEndpoint endpoint;
    private final String verifier = random();
    private final String state = random();

    Login(TokenSettings settings, AuthContext context) {
        this.settings = settings;
        this.context = context;
        this.endpoint = new TokenEndpoint(
                settings, context.transport(), Redaction.of(settings.auth(context)::secrets), context.clock());
    }

    /**
     * Begins a login.
     *
     * @throws CredentialException if the connection has no use for one, or client id or address are missing
     */
    public static Login of(AuthSettings settings, AuthContext context) {
        AuthSettings kind = settings instanceof AuthChoice choice ? choice.loginKind() : settings;
        if (!(kind instanceof TokenSettings tokens) || !tokens.isRefreshToken()) {
            throw new CredentialException(
                    Remedy.STOP,
                    "A login is for 'auth: {type: refresh-token}'; %s has another kind of credential: 'caravan credentials put' keeps its secrets"
                            .formatted(context.connection()));
        }
        if (!tokens.missing(true).isEmpty()) {
            throw new CredentialMissingException(tokens.missing(true).get(0));
        }
        return new Login(tokens, context);
    }

    /** A code that a person types in elsewhere. */
    public record Device(String code, String userCode, String address, Duration interval, Duration patience) {
        @Override
        public String toString() {
            return "Device[" + address + "]";
        }
    }

    /** Returns what {@code state} the vendor has to send back with the code. */
    public String state() {
        return state;
    }

    /** Returns the address at which a browser asks for consent, which sends the code to {@code redirect}. */
    public URI consent(URI redirect) {
        LoginSettings login = Objects.requireNonNull(settings.loginSettings());
        URI url = login.url();
        if (url == null) {
            throw new CredentialException(
                    Remedy.STOP,
                    "The file of %s does not say where a browser asks for consent: write auth: {login: {url: …}}, or give it a refresh token with --paste"
                            .formatted(context.connection()));
        }
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", settings.values().getOrDefault("client-id", ""));
        query.put("redirect_uri", redirect.toString());
        query.put("scope", settings.values().getOrDefault("scope", ""));
        query.put("state", state);
        query.put("code_challenge", challenge());
        query.put("code_challenge_method", "S256");
        query.putAll(login.query());
        Request request = new Request("GET", url, Map.of(), null);
        for (Map.Entry<String, String> each : query.entrySet()) {
            request = each.getValue().isEmpty() ? request : request.withQuery(each.getKey(), each.getValue());
        }
        return request.uri();
    }

    /** Exchanges a code for tokens and keeps them. */
    public void code(String code, URI redirect) {
        Map<String, String> fields = client();
        fields.put("grant_type", "authorization_code");
        fields.put("code", code);
        fields.put("redirect_uri", redirect.toString());
        fields.put("code_verifier", verifier);
        keep(endpoint.tokens(endpoint.ask(url(), fields), TokenAuth.loginOrigin(settings)), null);
    }

    /** Keeps a refresh token that the person has, once it has given an access token. */
    public void accept(String refreshToken) {
        Map<String, String> fields = new LinkedHashMap<>(settings.values());
        fields.put("refresh-token", refreshToken);
        keep(endpoint.tokens(endpoint.ask(fields), TokenAuth.loginOrigin(settings)), refreshToken);
    }

    /** Asks for a code for another device. */
    public Device device() {
        LoginSettings login = Objects.requireNonNull(settings.loginSettings());
        URI url = login.device();
        if (url == null) {
            throw new CredentialException(
                    Remedy.STOP,
                    "The file of %s does not say where a code for another device is asked for: write auth: {login: {device: …}}"
                            .formatted(context.connection()));
        }
        Map<String, String> fields = new LinkedHashMap<>(login.query());
        fields.put("client_id", settings.values().getOrDefault("client-id", ""));
        fields.put("scope", settings.values().getOrDefault("scope", ""));
        Answer answer = endpoint.ask(url, fields);
        Optional<String> code = in(answer, "$.device_code");
        Optional<String> userCode = in(answer, "$.user_code");
        if (answer.status() / 100 != 2 || code.isEmpty() || userCode.isEmpty()) {
            throw endpoint.refused(answer);
        }
        return new Device(
                code.get(),
                userCode.get(),
                in(answer, "$.verification_uri_complete")
                        .or(() -> in(answer, "$.verification_uri"))
                        .or(() -> in(answer, "$.verification_url"))
                        .orElse(""),
                seconds(answer, "$.interval", 5),
                seconds(answer, "$.expires_in", 900));
    }

    /**
     * Asks whether the person has typed in the code, and keeps the tokens if so.
     *
     * @return how long to wait before asking again; empty if the login is done
     */
    public Optional<Duration> poll(Device device, Duration interval) {
        Map<String, String> fields = client();
        fields.put("grant_type", DEVICE_GRANT);
        fields.put("device_code", device.code());
        Answer answer = endpoint.ask(url(), fields);
        return switch (TokenEndpoint.code(answer)) {
            case "authorization_pending" -> Optional.of(interval);
            case "slow_down" -> Optional.of(interval.plusSeconds(5));
            default -> {
                keep(endpoint.tokens(answer, TokenAuth.loginOrigin(settings)), null);
                yield Optional.empty();
            }
        };
    }

    private void keep(Tokens given, @Nullable String refreshToken) {
        String refresh = given.refresh() == null ? refreshToken : given.refresh();
        if (refresh == null && given.expires() != null) {
            throw new CredentialException(
                    Remedy.STOP,
                    ("%s gave a token that ends and none to renew it with: ask for one in auth: {login: {query: …}} or the scope"
                                    + " (Google: access_type: offline, prompt: consent; Atlassian: scope offline_access)")
                            .formatted(TokenEndpoint.withoutQuery(url())));
        }
        Turn turn = context.store().turn(context.connection());
        try {
            context.store()
                    .put(
                            context.connection(),
                            TokenAuth.STORED,
                            new Tokens(given.access(), given.expires(), refresh, given.obtained(), given.origin())
                                    .written());
        } finally {
            turn.close();
        }
    }

    private Map<String, String> client() {
        Map<String, String> fields = new LinkedHashMap<>();
        if (!settings.basic()) {
            fields.put("client_id", settings.values().getOrDefault("client-id", ""));
            fields.put("client_secret", settings.values().getOrDefault("client-secret", ""));
        }
        return fields;
    }

    private URI url() {
        return Objects.requireNonNull(settings.url(), "checked when the login began");
    }

    private static Optional<String> in(Answer answer, String path) {
        return JsonPath.parse(path).textIn(answer.body());
    }

    private static Duration seconds(Answer answer, String path, long otherwise) {
        return Duration.ofSeconds(in(answer, path)
                .filter(text -> text.matches("\\d{1,6}"))
                .map(Long::parseLong)
                .orElse(otherwise));
    }

    private String challenge() {
        try {
            return BASE64.encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static String random() {
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        return BASE64.encodeToString(random);
    }

    @Override
    public String toString() {
        return "Login[" + context.connection() + "]";
    }
}
