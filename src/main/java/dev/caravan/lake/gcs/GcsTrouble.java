package dev.caravan.lake.gcs;

import com.google.cloud.storage.StorageException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.LakeException;
import java.util.Locale;
import java.util.Objects;

/** Says what an answer of Google Cloud Storage, or none, calls for. */
final class GcsTrouble {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;

    private static final int MOST_READ = 10_000;

    private GcsTrouble() {}

    /**
     * @param object its address
     * @param what the request that failed
     */
    static LakeException of(String object, String what, StorageException failure) {
        int code = failure.getCode();
        String said = cut(Objects.requireNonNullElse(failure.getMessage(), ""));
        if (code <= 0) {
            return unanswered(object, what, said, failure);
        }
        String message = "%s: %s was answered with %d %s: %s"
                .formatted(object, what, code, Objects.requireNonNullElse(failure.getReason(), ""), said);
        String lower = said.toLowerCase(Locale.ROOT);
        if (lower.contains("kms") || lower.contains("cryptokey")) {
            return new LakeException(
                    message,
                    Remedy.STOP,
                    "Let the storage's service agent use the key: roles/cloudkms.cryptoKeyEncrypterDecrypter.",
                    failure);
        }
        return switch (code) {
            case UNAUTHORIZED ->
                new LakeException(
                        message,
                        Remedy.STOP,
                        "Give a credential that is valid: caravan.gcs.credentials, or the application default credentials.",
                        failure);
            case FORBIDDEN -> forbidden(message, what, lower, failure);
            case NOT_FOUND ->
                new LakeException(message, Remedy.STOP, "Create the bucket, or correct caravan.lake.", failure);
            case TIMEOUT, TOO_MANY -> new LakeException(message, Remedy.RETRY, busy(), failure);
            default ->
                code >= 500
                        ? new LakeException(message, Remedy.RETRY, busy(), failure)
                        : new LakeException(
                                message,
                                Remedy.STOP,
                                "Look at the settings below caravan.gcs and at the bucket.",
                                failure);
        };
    }

    private static LakeException forbidden(String message, String what, String said, StorageException failure) {
        String reason = Objects.requireNonNullElse(failure.getReason(), "");
        if (reason.toLowerCase(Locale.ROOT).contains("ratelimit") || said.contains("rate limit")) {
            return new LakeException(message, Remedy.RETRY, busy(), failure);
        }
        if (reason.equals("quotaExceeded") || reason.equals("dailyLimitExceeded") || said.contains("quota")) {
            return new LakeException(
                    message, Remedy.STOP, "Raise the quota of the project, or wait until it is renewed.", failure);
        }
        return new LakeException(message, Remedy.STOP, permission(what), failure);
    }

    private static String busy() {
        return "The store is busy or in trouble; it was asked again for caravan.gcs.retry-for, and the next run goes on from what is committed.";
    }

    private static String permission(String what) {
        String action =
                switch (what) {
                    case "LIST" -> "storage.objects.list";
                    case "DELETE" -> "storage.objects.delete";
                    case "GET" -> "storage.objects.get";
                    case "COPY" -> "storage.objects.get, create and delete";
                    default -> "storage.objects.create and delete";
                };
        return "Allow the credential %s on the bucket; roles/storage.objectUser has all that is needed. Where it has them, look at the quotas of the project."
                .formatted(action);
    }

    private static LakeException unanswered(String object, String what, String said, StorageException failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable each = failure; each != null && all.length() < MOST_READ; each = each.getCause()) {
            all.append(each.getMessage()).append(' ');
        }
        String text = all.toString();
        if (text.contains("invalid_grant") || text.contains("Error getting access token")) {
            boolean clock = text.contains("Invalid JWT") || text.contains("reasonable timeframe");
            return new LakeException(
                    "%s: %s was not sent, for there is no token: %s".formatted(object, what, cut(text)),
                    Remedy.STOP,
                    clock
                            ? "Set the clock of this machine: Google refuses a credential that is signed in another hour."
                            : "Renew the credential of caravan.gcs.credentials: its account or key is gone, or its time is over.",
                    failure);
        }
        return new LakeException(
                "%s: %s was not answered: %s".formatted(object, what, said),
                Remedy.RETRY,
                "Look whether the store can be reached from here; the next run goes on from what is committed.",
                failure);
    }

    /** A store's words, as many as a person reads. */
    private static String cut(String said) {
        String line = said.lines().findFirst().orElse("");
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }
}
