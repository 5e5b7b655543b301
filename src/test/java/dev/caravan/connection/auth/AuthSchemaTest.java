package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What editors offer under {@code auth} is what its reader knows. */
class AuthSchemaTest {
    /** The least that each type needs before it looks for settings that nobody knows. */
    private static final List<String> LEAST = List.of(
            "type: none",
            "type: bearer",
            "type: api-key, header: X",
            "type: basic",
            "type: client-credentials, url: ''",
            "type: refresh-token, url: ''",
            "type: password, url: ''",
            "type: session, url: '', answer: {token: $.t}",
            "type: jwt",
            "type: token-exchange, url: '', query: {t: '${auth.token}'}",
            "type: sigv4, region: r, service: s",
            "type: hmac, template: '${path}', to: header.X");

    @Test
    void theSchemaNamesEverySettingThatIsRead() throws Exception {
        Set<String> read = new TreeSet<>();
        for (String least : LEAST) {
            try {
                new YAMLMapper().readValue("{" + least + ", nonsense: 1}", AuthSettings.class);
            } catch (UnrecognizedPropertyException e) {
                e.getKnownPropertyIds().forEach(each -> read.add(each.toString()));
            }
        }
        List<String> offered = new ArrayList<>();
        new ObjectMapper()
                .readTree(AuthSchemaTest.class.getResourceAsStream("/caravan/vendor-file.schema.json"))
                .at("/definitions/AuthSettings/properties")
                .fieldNames()
                .forEachRemaining(offered::add);
        assertThat(offered).containsExactlyInAnyOrderElementsOf(read);
    }
}
