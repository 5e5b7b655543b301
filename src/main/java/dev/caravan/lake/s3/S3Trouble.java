package dev.caravan.lake.s3;

import dev.caravan.failure.Remedy;
import dev.caravan.lake.LakeException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Says what an answer of a store, or none, calls for. */
final class S3Trouble {
    private static final int MOVED = 301;
    private static final int MOVED_FOR_NOW = 307;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    private static final int INSUFFICIENT_STORAGE = 507;

    private static final String CREDENTIAL =
            "Give a credential that is valid: caravan.s3.access-key and caravan.s3.secret-key, or what the SDK finds in the environment, the profile or the machine.";
    private static final String EXPIRED =
            "Renew the credential: its time is over, and caravan.s3.session-token, or what the SDK finds, is of the old one.";
    private static final String REGION =
            "Set caravan.s3.region to the region of the bucket, and caravan.s3.endpoint only for a store that is not Amazon's.";
    private static final String FULL = "Free some space or raise the quota, then run again.";
    private static final String KMS =
            "Let the credential use the key that caravan.s3.kms-key or the bucket names: kms:GenerateDataKey and kms:Decrypt.";

    /** By the codes that stores answer with; the SDK has classes for few of them. */
    private static final Map<String, String> STOPS = Map.ofEntries(
            Map.entry("NoSuchBucket", "Create the bucket, or correct caravan.lake."),
            Map.entry("InvalidBucketName", "Correct the name of the bucket in caravan.lake."),
            Map.entry("InvalidAccessKeyId", CREDENTIAL),
            Map.entry("SignatureDoesNotMatch", CREDENTIAL),
            Map.entry("InvalidToken", CREDENTIAL),
            Map.entry("ExpiredToken", EXPIRED),
            Map.entry("TokenRefreshRequired", EXPIRED),
            Map.entry(
                    "RequestTimeTooSkewed",
                    "Set the clock of this machine: the store's differs by more than 15 minutes."),
            Map.entry("RequestExpired", "Set the clock of this machine: the store's differs by more than 15 minutes."),
            Map.entry("PermanentRedirect", REGION),
            Map.entry("AuthorizationHeaderMalformed", REGION),
            Map.entry("IllegalLocationConstraintException", REGION),
            Map.entry("QuotaExceeded", FULL),
            Map.entry("XMinioStorageFull", FULL),
            Map.entry("XMinioAdminBucketQuotaExceeded", FULL),
            Map.entry("KMS.DisabledException", KMS),
            Map.entry("KMS.NotFoundException", KMS),
            Map.entry(
                    "NotImplemented",
                    "The store does not know what it was asked for; use one that knows conditional puts (If-None-Match)."));

    private S3Trouble() {}

    /**
     * @param object its address
     * @param what the request that failed
     */
    static LakeException of(String object, String what, SdkException failure, S3Settings settings) {
        return failure instanceof AwsServiceException answer
                ? answered(object, what, answer)
                : unanswered(object, what, failure, settings);
    }

    private static LakeException answered(String object, String what, AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String code = details == null ? "" : Objects.requireNonNullElse(details.errorCode(), "");
        String said = details == null ? "" : Objects.requireNonNullElse(details.errorMessage(), "");
        String message = "%s: %s was answered with %d %s%s%s"
                .formatted(
                        object,
                        what,
                        answer.statusCode(),
                        code,
                        said.isEmpty() ? "" : ": " + cut(said),
                        answer.requestId() == null ? "" : " (request " + answer.requestId() + ")");
        String stop = STOPS.get(code);
        if (stop != null) {
            return new LakeException(message, Remedy.STOP, stop, answer);
        }
        if (code.startsWith("KMS.") || said.contains("kms:")) {
            return new LakeException(message, Remedy.STOP, KMS, answer);
        }
        return switch (answer.statusCode()) {
            // What is asked with HEAD is answered without a body, so without a code.
            case MOVED, MOVED_FOR_NOW -> new LakeException(message, Remedy.STOP, REGION, answer);
            case FORBIDDEN -> new LakeException(message, Remedy.STOP, permission(what), answer);
            case NOT_FOUND ->
                new LakeException(message, Remedy.STOP, "Create the bucket, or correct caravan.lake.", answer);
            case INSUFFICIENT_STORAGE -> new LakeException(message, Remedy.STOP, FULL, answer);
            case TOO_MANY -> new LakeException(message, Remedy.RETRY, busy(), answer);
            default ->
                answer.statusCode() >= 500 || answer.statusCode() == 200
                        ? new LakeException(message, Remedy.RETRY, busy(), answer)
                        : new LakeException(
                                message,
                                Remedy.STOP,
                                "Look at the settings below caravan.s3 and at the bucket.",
                                answer);
        };
    }

    private static String busy() {
        return "The store is busy or in trouble; it was asked again for caravan.s3.retry-for, and the next run goes on from what is committed.";
    }

    private static String permission(String what) {
        String action = what.startsWith("LIST")
                ? "s3:ListBucket on the bucket"
                : what.startsWith("DELETE")
                        ? "s3:DeleteObject on what is below the prefix"
                        : what.startsWith("HEAD")
                                ? "s3:GetObject on what is below the prefix and s3:ListBucket on the bucket (without it, what is missing looks forbidden)"
                                : what.startsWith("GET")
                                        ? "s3:GetObject on what is below the prefix"
                                        : what.startsWith("COPY")
                                                ? "s3:GetObject and s3:PutObject on what is below the prefix"
                                                : "s3:PutObject on what is below the prefix";
        return "Allow the credential " + action + ".";
    }

    private static LakeException unanswered(String object, String what, SdkException failure, S3Settings settings) {
        String said = Objects.requireNonNullElse(failure.getMessage(), "");
        String message = "%s: %s was not answered: %s".formatted(object, what, cut(said));
        if (said.contains("load credentials")) {
            return new LakeException(message, Remedy.STOP, CREDENTIAL, failure);
        }
        if (said.contains("region")) {
            return new LakeException(message, Remedy.STOP, REGION, failure);
        }
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SSLException) {
                return new LakeException(
                        "%s: %s".formatted(message, each.getMessage()),
                        Remedy.STOP,
                        "Set caravan.s3.ca to a file with the certificate that the store's is signed with, or correct caravan.s3.endpoint.",
                        failure);
            }
            if (each instanceof UnknownHostException && settings.endpoint() != null) {
                return new LakeException(
                        message,
                        Remedy.RETRY,
                        "Nobody knows that host: look at caravan.s3.endpoint, and set caravan.s3.path-style where a bucket has no name of its own.",
                        failure);
            }
        }
        return new LakeException(
                message,
                Remedy.RETRY,
                "Look whether the store can be reached from here; the next run goes on from what is committed.",
                failure);
    }

    /** A store's words, as many as a person reads. */
    private static String cut(String said) {
        return said.length() > 300 ? said.substring(0, 300) + "…" : said;
    }
}
