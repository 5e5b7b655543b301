package dev.caravan.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Certificates of a test's own making, good and bad, by the keytool of the running JDK: an authority, and servers that it
 * vouches for.
 */
public final class Certificates {
    private static final String PASSWORD = "changeit";
    private static final String AUTHORITY = "authority";

    private final Path folder;
    private final Path store;

    /** Makes the authority, in a folder of the test. */
    public Certificates(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("keys.p12");
        generate(AUTHORITY, "-ext", "bc:c", "-ext", "ku=keyCertSign", "-validity", "30");
    }

    /** Returns a server's side of TLS, with a certificate of the authority for 127.0.0.1. */
    public SSLContext good() {
        generate("good", "-signer", AUTHORITY, "-ext", "san=ip:127.0.0.1", "-validity", "10");
        return server("good");
    }

    /** One that was valid until five days ago. */
    public SSLContext expired() {
        generate("expired", "-signer", AUTHORITY, "-ext", "san=ip:127.0.0.1", "-startdate", "-10d", "-validity", "5");
        return server("expired");
    }

    /** One for another host. */
    public SSLContext foreign() {
        generate("foreign", "-signer", AUTHORITY, "-ext", "san=dns:other.example", "-validity", "10");
        return server("foreign");
    }

    /** One that nobody vouches for. */
    public SSLContext selfSigned() {
        generate("self-signed", "-ext", "san=ip:127.0.0.1", "-validity", "10");
        return server("self-signed");
    }

    /** Returns options of a Java that trusts the authority. */
    public List<String> trust() {
        Path trusted = folder.resolve("trusted.p12");
        try (OutputStream out = Files.newOutputStream(trusted)) {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry(AUTHORITY, keys().getCertificate(AUTHORITY));
            trust.store(out, PASSWORD.toCharArray());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
        return List.of("-Djavax.net.ssl.trustStore=" + trusted, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    /** Returns the certificate of the authority, as a file of PEM. */
    public Path pem() {
        try {
            return Files.writeString(
                    folder.resolve("authority.pem"),
                    "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                            .formatted(Base64.getMimeEncoder()
                                    .encodeToString(
                                            keys().getCertificate(AUTHORITY).getEncoded())));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private SSLContext server(String alias) {
        try {
            KeyStore keys = keys();
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            char[] password = PASSWORD.toCharArray();
            own.setKeyEntry(alias, keys.getKey(alias, password), password, keys.getCertificateChain(alias));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(own, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private KeyStore keys() throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private void generate(String alias, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1"));
        command.addAll(List.of(more));
        try {
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool: " + said);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
