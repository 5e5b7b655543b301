package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Reads {@code auth}: its {@code type} decides which settings there are. */
final class AuthReader extends JsonDeserializer<AuthSettings> {
    private static final Map<String, Function<AuthFields, AuthSettings>> TYPES = new LinkedHashMap<>();

    static {
        for (FixedAuthSettings.Type type : FixedAuthSettings.Type.values()) {
            TYPES.put(type.yamlName(), fields -> FixedAuthSettings.read(type, fields));
        }
        TYPES.put("client-credentials", TokenKinds::clientCredentials);
        TYPES.put("refresh-token", TokenKinds::refreshToken);
        TYPES.put("password", TokenKinds::password);
        TYPES.put("session", TokenKinds::session);
        TYPES.put("jwt", TokenKinds::jwt);
        TYPES.put("token-exchange", TokenKinds::tokenExchange);
        TYPES.put("sigv4", SigV4Settings::read);
        TYPES.put("hmac", HmacSettings::read);
    }

    @Override
    public AuthSettings deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode node = context.readTree(parser);
        if (!(node instanceof ObjectNode object)) {
            throw new IllegalArgumentException("auth: is of the form {type: bearer, token: \"{{acme.token}}\"}");
        }
        AuthFields fields = new AuthFields(object, "");
        String type = fields.text("type", "none");
        Function<AuthFields, AuthSettings> reader = TYPES.get(type);
        if (reader == null) {
            throw new IllegalArgumentException(
                    "Unknown 'type: %s', use one of %s".formatted(type, String.join(", ", TYPES.keySet())));
        }
        AuthSettings settings = reader.apply(fields);
        fields.done(parser);
        return settings;
    }
}
