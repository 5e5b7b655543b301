package dev.caravan.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTest {
    private static final Request GET =
            new Request("GET", URI.create("https://api.example.com/v1/x?a%5Bb%5D=1&c=2&a%5Bb%5D=3"), Map.of(), null);

    @Test
    void aQueryParameterReplacesThoseOfItsName() {
        assertThat(GET.withQuery("a[b]", "ü &=+/").uri())
                .hasToString("https://api.example.com/v1/x?c=2&a%5Bb%5D=%C3%BC%20%26%3D%2B%2F");
        assertThat(new Request("GET", URI.create("https://x.com"), Map.of(), null)
                        .withQuery("p", "1")
                        .uri())
                .hasToString("https://x.com?p=1");
    }

    @Test
    void aHeaderReplacesTheOneOfItsNameInAnyCase() {
        Request request = GET.withHeader("Accept", "a").withHeader("X", "y").withHeader("accept", "b");
        assertThat(request.headers()).containsExactly(Map.entry("X", "y"), Map.entry("accept", "b"));
        assertThat(GET.headers()).isEmpty();
    }

    @Test
    void aHeaderHasOneLine() {
        assertThatThrownBy(() -> GET.withHeader("X", "a\r\nEvil: 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Header 'X' is empty or holds a control character");
        assertThatThrownBy(() -> new Request("GET", GET.uri(), Map.of("a\nb", "x"), null))
                .hasMessage("Header '?' is empty or holds a control character");
    }

    @Test
    void itsTextShowsNoSecret() {
        Request request = new Request(
                "POST",
                URI.create("https://me:pw@x.com/v1?api_key=s3cret&page_token=abc&X-Amz-Signature=zz&limit=5"),
                Map.of("Authorization", "Bearer s3cret"),
                "s3cret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(request.toString())
                .isEqualTo("POST https://***@x.com/v1?api_key=***&page_token=abc&X-Amz-Signature=***&limit=5")
                .isEqualTo(request.redacted());
    }

    @Test
    void headersAreFoundInAnyCase() {
        Map<String, List<String>> raw = new LinkedHashMap<>();
        raw.put("Link", List.of("a", "b"));
        raw.put("link", List.of("c"));
        raw.put("Empty", List.of());
        Headers headers = Headers.of(raw);
        assertThat(headers.all("LINK")).containsExactly("a", "b", "c");
        assertThat(headers.first("lInK")).contains("a");
        assertThat(headers.first("empty")).isEmpty();
        assertThat(headers.all("none")).isEmpty();
        assertThat(Headers.NONE.first("x")).isEmpty();
        assertThat(new Answer(200, headers, new byte[3]))
                .hasToString("Answer[status=200, headers=[Empty, Link], bytes=3]");
        assertThatThrownBy(() -> new Answer(0, headers, new byte[0])).hasMessage("Not an HTTP status: 0");
    }

    @ParameterizedTest
    @CsvSource({
        "https://x.com/a b|c?q={ü}[1]^, https://x.com/a%20b%7Cc?q=%7B%C3%BC%7D%5B1%5D%5E",
        "' https://x.com/%41 ', https://x.com/%41",
        "https://[::1]:80/, https://[::1]:80/"
    })
    void addressesAreReadAsVendorsWriteThem(String text, String expected) {
        assertThat(Uris.parse(text)).hasToString(expected);
    }

    @Test
    void addressesThatAreNoneAreNotRepeated() {
        assertThatThrownBy(() -> Uris.parse("https://x.com/a\u0000b"))
                .hasMessage("An address holds a control character");
        assertThatThrownBy(() -> Uris.parse("https://x.com/%zz?key=s3cret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Not an address: Malformed escape pair at character 14");
    }

    @ParameterizedTest
    @CsvSource({
        "?page=2, https://x.com/v1/a?page=2",
        "/b?p=1, https://x.com/b?p=1",
        "b, https://x.com/v1/b",
        "../c, https://x.com/c",
        "//evil.com/x, https://evil.com/x",
        "https://y.com/#frag, https://y.com/",
        "'', https://x.com/v1/"
    })
    void relativeAddressesAreResolved(String reference, String expected) {
        URI resolved = Uris.resolve(URI.create("https://x.com/v1/a?old=1"), URI.create(reference));
        assertThat(resolved).hasToString(expected);
    }
}
