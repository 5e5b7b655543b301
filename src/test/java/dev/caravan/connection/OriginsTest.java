package dev.caravan.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.Remedy;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static final Origins ORIGINS = new Origins(
            URI.create("https://api.example.com/v1"),
            List.of("files.example.com", "odd.example.com:8443", "*.cdn.example.com", "10.0.0.7"),
            OriginsTest::resolve);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.example.com/v2/next?page=2",
                "HTTPS://API.example.com:443/",
                "https://files.example.com/x",
                "https://odd.example.com:8443/x",
                "https://public.cdn.example.com/x",
                "https://10.0.0.7/x"
            })
    void letsTheVendorsAddressesPass(String uri) {
        assertThat(ORIGINS.check(URI.create(uri))).isEqualTo(URI.create(uri));
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.com/, 'https://evil.com is not on https://api.example.com; if it is the vendor''s, add it to hosts'",
        "https://api.example.com.evil.com/, is not on",
        "https://xapi.example.com/, is not on",
        "https://api.example.com:8443/, is not on",
        "https://api.example.com./, is not on",
        "https://odd.example.com/, is not on",
        "https://files.example.com:8443/, is not on",
        "https://cdn.example.com/, is not on",
        "https://evilcdn.example.com/, is not on",
        "http://api.example.com/, 'http://api.example.com is not encrypted, unlike https://api.example.com'",
        "http://files.example.com/, is not encrypted",
        "https://api.example.com@evil.com/, 'https://evil.com carries a user name'",
        "https://me:pw@api.example.com/, 'https://api.example.com carries a user name'",
        "ftp://api.example.com/, 'ftp://api.example.com is not an address of the web'",
        "file:///etc/passwd, is not an address of the web",
        "javascript:alert(1), is not an address of the web",
        "https:///x, is not an address of the web",
        "/relative, is not an address of the web",
        "https://inner.cdn.example.com/, 'https://inner.cdn.example.com lies in a private network; if that is meant, add the host to hosts in full'",
        "https://mixed.cdn.example.com/, lies in a private network",
        "https://gone.cdn.example.com/, has no address",
        "https://10.0.0.8/, is not on",
        "https://[::1]/, is not on",
        "https://2130706433/, is not on"
    })
    void refusesEverythingElse(String uri, String message) {
        assertThatThrownBy(() -> ORIGINS.check(URI.create(uri)))
                .isInstanceOf(ForeignOriginException.class)
                .hasMessageContaining(message)
                .satisfies(
                        e -> assertThat(((ForeignOriginException) e).remedy()).isEqualTo(Remedy.STOP));
    }

    @Test
    void aConnectionToAPrivateHostMayStayThere() {
        Origins local = new Origins(URI.create("http://127.0.0.1:8080/api"), List.of(), OriginsTest::resolve);
        assertThat(local.check(URI.create("http://127.0.0.1:8080/next"))).isNotNull();
        assertThat(local.isOwn(URI.create("http://127.0.0.1:8080/next"))).isTrue();
        assertThatThrownBy(() -> local.check(URI.create("http://127.0.0.1:9090/")))
                .isInstanceOf(ForeignOriginException.class);
        assertThatThrownBy(() -> local.check(URI.create("http://localhost:8080/")))
                .isInstanceOf(ForeignOriginException.class);
    }

    @Test
    void onlyTheOwnOriginGetsTheCredential() {
        assertThat(ORIGINS.isOwn(URI.create("https://api.example.com/x"))).isTrue();
        assertThat(ORIGINS.isOwn(URI.create("https://files.example.com/x"))).isFalse();
        assertThat(ORIGINS.isOwn(URI.create("http://api.example.com/x"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, true",
        "1.1.1.1, true",
        "127.0.0.1, false",
        "127.1, false",
        "2130706433, false",
        "0x7f000001, false",
        "0x7f.1, false",
        "0177.0.0.1, false",
        "017700000001, false",
        "10.1.2.3, false",
        "172.16.0.1, false",
        "172.31.255.255, false",
        "172.32.0.1, true",
        "192.168.1.1, false",
        "169.254.169.254, false",
        "100.64.0.1, false",
        "100.128.0.1, true",
        "0.0.0.0, false",
        "0, false",
        "224.0.0.1, false",
        "240.0.0.1, false",
        "255.255.255.255, false",
        "198.18.0.1, false",
        "192.0.2.1, false",
        "[::1], false",
        "[::], false",
        "[::ffff:127.0.0.1], false",
        "[::ffff:8.8.8.8], true",
        "[::ffff:7f00:1], false",
        "[::127.0.0.1], false",
        "[64:ff9b::7f00:1], false",
        "[2002:7f00:1::], false",
        "[2001:0:4136:e378::], false",
        "[fe80::1], false",
        "[fc00::1], false",
        "[fd12::1], false",
        "[ff02::1], false",
        "[fec0::1], false",
        "[2001:db8::1], false",
        "[2606:4700:4700::1111], true",
        "2606:4700:4700::1111, true",
        "127.0.0.1., false"
    })
    void tellsPublicAddressesFromOthersInAnyNotation(String host, boolean expected) {
        assertThat(Addresses.literal(host).map(Addresses::isPublic)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "1.2.3.4.5", "256.1.1.1", "4294967296", "1..2", "0x", "[x::1]", "a:b"})
    void aNameIsNoAddress(String host) {
        assertThat(Addresses.literal(host)).isEmpty();
    }

    @Test
    void settingsSayWhatWouldBeRight() {
        assertThatThrownBy(() -> new Origins(URI.create("api.example.com"), List.of(), OriginsTest::resolve))
                .hasMessage("url: 'api.example.com' is not the address of a server, write https://api.example.com/v1");
        assertThatThrownBy(() -> new Origins(URI.create("https://me:secret@x.com"), List.of(), OriginsTest::resolve))
                .hasMessage("url: a password does not belong into an address, use auth: {type: basic}");
        assertThatThrownBy(
                        () -> new Origins(URI.create("https://x.com"), List.of("https://y.com"), OriginsTest::resolve))
                .hasMessage("hosts: 'https://y.com' is not a host, write files.example.com or *.example.com");
    }

    private static InetAddress[] resolve(String host) throws UnknownHostException {
        return switch (host) {
            case "public.cdn.example.com" -> addresses("93.184.216.34");
            case "inner.cdn.example.com" -> addresses("169.254.169.254");
            case "mixed.cdn.example.com" -> addresses("93.184.216.34", "fd00::1");
            default -> throw new UnknownHostException(host);
        };
    }

    private static InetAddress[] addresses(String... literals) {
        return List.of(literals).stream()
                .map(each -> Addresses.literal(each).orElseThrow())
                .toArray(InetAddress[]::new);
    }
}
