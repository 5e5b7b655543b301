package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.connection.Redaction;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskingTest {
    private final Redaction redaction = new Redaction(List.of("s3cret-token"));
    private final Masking masking = new Masking(List.of("email", "first_name", "plan"));

    @Test
    void keepsEverythingElseAsItWasWritten() throws IOException {
        String json =
                "{\"id\":9007199254740993,\"amount\":1.10,\"small\":1e-9,\"text\":\"é\\n\",\"list\":[true,null,{}],"
                        + "\"id\":2,\"next_page_token\":\"abc\"}";
        assertThat(masking.text(json, redaction)).isEqualTo(json);
    }

    @Test
    void replacesSecretsByNameAndByValue() throws IOException {
        String json =
                "{\"access_token\":\"abc\",\"note\":\"uses s3cret-token here\",\"keys\":{\"webhook_secret\":{\"v\":[1,\"x\"]}}}";
        assertThat(masking.text(json, redaction))
                .isEqualTo(
                        "{\"access_token\":\"***\",\"note\":\"uses *** here\",\"keys\":{\"webhook_secret\":{\"v\":[\"***\",\"***\"]}}}");
    }

    @Test
    void givesPersonalValuesOneOtherValueEach() throws IOException {
        String json =
                "[{\"email\":\"ann@acme.example\",\"First-Name\":\"Ann\",\"plan\":7},{\"Email\":\"ann@acme.example\",\"email\":\"\"},"
                        + "{\"email\":\"bob@acme.example\",\"email_count\":1}]";
        String masked = masking.text(json, redaction);
        JsonNode rows = new ObjectMapper().readTree(masked);
        assertThat(masked).doesNotContain("ann@", "bob@", "Ann");
        assertThat(rows.at("/0/email").asText())
                .endsWith("@example.com")
                .isEqualTo(rows.at("/1/Email").asText());
        assertThat(rows.at("/2/email").asText())
                .isNotEqualTo(rows.at("/0/email").asText());
        assertThat(rows.at("/1/email").asText()).isEmpty();
        assertThat(rows.at("/0/plan").isTextual()).isTrue();
        assertThat(rows.at("/2/email_count").asInt()).isEqualTo(1);
        assertThat(new Masking(List.of("email")).text(json, redaction)).isNotEqualTo(masked);
    }

    @Test
    void takesSecretsFromWhatIsNoJson() throws IOException {
        assertThat(masking.text("id,token\n1,s3cret-token\n", redaction)).isEqualTo("id,token\n1,***\n");
        assertThat(masking.text("{\"token\":\"abc\"} and more", redaction)).doesNotContain("abc");
    }
}
