package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopbackRedirectTest {
    private static final URI ANY = URI.create("http://127.0.0.1:0/callback");

    @Test
    void takesTheCodeOfTheBrowserThatComesBack() throws Exception {
        try (LoopbackRedirect redirect = new LoopbackRedirect(ANY, "st4te")) {
            assertThat(redirect.address().getPort()).isPositive();
            assertThat(get(redirect, "?code=stolen&state=other")).contains("did not work");
            assertThat(get(redirect, "?code=c%2F1&state=st4te")).contains("Thank you");
            assertThat(redirect.await(Duration.ofSeconds(10))).isEqualTo("c/1");
        }
    }

    @Test
    void saysThatThePersonRefused() throws Exception {
        try (LoopbackRedirect redirect = new LoopbackRedirect(ANY, "st4te")) {
            get(redirect, "?error=access_denied%1b&state=st4te");
            assertThatThrownBy(() -> redirect.await(Duration.ofSeconds(10)))
                    .hasMessage("The vendor refused: access_denied");
        }
    }

    @Test
    void takesAnAddressOrACodeThatIsPasted() {
        assertThat(LoginCommand.pasted("https://vendor.example/done?state=s&code=c1", "s"))
                .isEqualTo("c1");
        assertThat(LoginCommand.pasted("c1", "s")).isEqualTo("c1");
        assertThatThrownBy(() -> LoginCommand.pasted("https://vendor.example/done?state=t&code=c1", "s"))
                .hasMessageContaining("its state is another");
    }

    private static String get(LoopbackRedirect redirect, String query) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(redirect.address() + query))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
