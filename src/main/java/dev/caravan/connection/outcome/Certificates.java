package dev.caravan.connection.outcome;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** What to do about a server whose certificate is no good. No repetition makes it better. */
final class Certificates {
    private Certificates() {}

    /** Returns what a person can do; empty if {@code failure} is about something else. */
    static Optional<String> hint(Throwable failure) {
        boolean refused = false;
        for (Throwable each = failure; each != null; each = cause(each)) {
            if (each instanceof CertificateExpiredException || each instanceof CertificateNotYetValidException) {
                return Optional.of("the server's certificate is not valid today: the vendor must renew it,"
                        + " unless this machine's clock is wrong");
            }
            if (each instanceof SSLPeerUnverifiedException || isForeign(each)) {
                return Optional.of("the server's certificate is for another host: check 'url',"
                        + " and whether something stands between here and the vendor");
            }
            refused |= each instanceof CertificateException || each instanceof CertPathValidatorException;
        }
        return refused
                ? Optional.of(
                        "the server's certificate comes from nobody this Java trusts: check 'url'; for a proxy or an"
                                + " authority of your own, add its certificate to a store and name it with"
                                + " -Djavax.net.ssl.trustStore")
                : Optional.empty();
    }

    /** The JDK has no exception of its own for it. */
    private static boolean isForeign(Throwable failure) {
        return failure.getClass() == CertificateException.class
                && String.valueOf(failure.getMessage()).matches("No .*matching .* found.*");
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure.getCause() == failure ? null : failure.getCause();
    }
}
