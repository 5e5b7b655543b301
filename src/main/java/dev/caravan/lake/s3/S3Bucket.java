package dev.caravan.lake.s3;

import dev.caravan.failure.Remedy;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.Incoming;
import dev.caravan.lake.LakeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** A bucket of S3, or of a store that speaks its language. What is unavailable is asked again by the SDK, within its bounds. */
public final class S3Bucket implements Bucket {
    /** Who created an object, so that it is known again when the answer was lost and the store says that it is there already. */
    private static final String CREATED_BY = "caravan-created-by";

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int MOST_CONFLICTS = 10;
    private static final int MOST_PARTS = 10_000;
    private static final int BAD_REQUEST = 400;
    /** What a part has that is copied within the store; one request copies 5 GB, but not in any time. */
    private static final long COPIED_PART = 256L << 20;
    /** What an object has at most. */
    private static final long LARGEST = 5L << 40;

    private final S3Client client;
    private final Address address;
    private final S3Settings settings;
    private final @Nullable ServerSideEncryption encryption;
    private final long copiedPart;

    public S3Bucket(S3Client client, Address address, S3Settings settings) {
        this(client, address, settings, COPIED_PART);
    }

    /** @param copiedPart bytes of a part of an object that is too large to be copied by one request */
    S3Bucket(S3Client client, Address address, S3Settings settings, long copiedPart) {
        this.copiedPart = copiedPart;
        this.client = client;
        this.address = address;
        this.settings = settings;
        this.encryption = settings.encryption() == null
                ? null
                : settings.encryption().equals("sse-kms") ? ServerSideEncryption.AWS_KMS : ServerSideEncryption.AES256;
    }

    private interface Call<T> {
        T make() throws IOException;
    }

    private <T> T call(String key, String what, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (SdkException e) {
            throw S3Trouble.of(name(key), what, e, settings);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public String name(String key) {
        return address.name(key);
    }

    @Override
    public boolean exists(String key) throws IOException {
        return call(key, "HEAD", () -> {
            try {
                client.headObject(head -> head.bucket(address.bucket()).key(address.key(key)));
                return true;
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public InputStream open(String key) throws IOException {
        return call(key, "GET", () -> {
            try {
                ResponseInputStream<GetObjectResponse> response =
                        client.getObject(get -> get.bucket(address.bucket()).key(address.key(key)));
                return new Incoming(name(key), response, response.response().contentLength(), response::abort);
            } catch (S3Exception e) {
                if (isNoSuchKey(e)) {
                    throw new NoSuchFileException(name(key));
                }
                throw e;
            }
        });
    }

    private static boolean isNoSuchKey(S3Exception e) {
        return e.statusCode() == NOT_FOUND
                && e.awsErrorDetails() != null
                && "NoSuchKey".equals(e.awsErrorDetails().errorCode());
    }

    @Override
    public List<Listed> list(String prefix, boolean flat) throws IOException {
        return call(prefix, "LIST", () -> {
            List<Listed> all = new ArrayList<>();
            for (ListObjectsV2Response page : client.listObjectsV2Paginator(list ->
                    list.bucket(address.bucket()).prefix(address.key(prefix)).delimiter(flat ? null : "/"))) {
                page.contents().forEach(each -> all.add(new Listed(relative(each.key()), each.lastModified())));
                page.commonPrefixes().forEach(each -> all.add(new Listed(relative(each.prefix()), Instant.EPOCH)));
            }
            return all;
        });
    }

    private String relative(String key) {
        return key.substring(address.prefix().length());
    }

    @Override
    public boolean create(String key, byte[] bytes) throws IOException {
        String mark = UUID.randomUUID().toString();
        String md5 = md5(bytes);
        return call(key, "PUT", () -> {
            for (int attempt = 1; ; attempt++) {
                try {
                    client.putObject(
                            put -> put.bucket(address.bucket())
                                    .key(address.key(key))
                                    .ifNoneMatch("*")
                                    .metadata(Map.of(CREATED_BY, mark))
                                    .serverSideEncryption(encryption)
                                    .ssekmsKeyId(settings.kmsKey())
                                    .contentMD5(md5),
                            RequestBody.fromBytes(bytes));
                    return true;
                } catch (S3Exception e) {
                    if (e.statusCode() == PRECONDITION_FAILED) {
                        return isCreatedBy(mark, key);
                    }
                    // Another one is creating it at this moment; who was first is known the next time.
                    if (e.statusCode() != CONFLICT || attempt == MOST_CONFLICTS) {
                        throw e;
                    }
                }
            }
        });
    }

    private boolean isCreatedBy(String mark, String key) {
        try {
            return mark.equals(
                    client.headObject(head -> head.bucket(address.bucket()).key(address.key(key)))
                            .metadata()
                            .get(CREATED_BY));
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return false; // somebody else's, and it has gone since
            }
            throw e;
        }
    }

    @Override
    public void put(String key, Path file) throws IOException {
        long size = Files.size(file);
        if (size > LARGEST) {
            throw new LakeException(
                    "%s: a file of %,d bytes is more than the 5 TB that an object may have".formatted(name(key), size),
                    Remedy.STOP,
                    "Let batches be smaller, batch: {size: 64MB}.",
                    null);
        }
        if (size <= settings.partBytes()) {
            String md5 = md5(new Part(file, 0, size));
            call(
                    key,
                    "PUT",
                    () -> client.putObject(
                            put -> put.bucket(address.bucket())
                                    .key(address.key(key))
                                    .serverSideEncryption(encryption)
                                    .ssekmsKeyId(settings.kmsKey())
                                    .contentMD5(md5),
                            new Part(file, 0, size).body()));
            return;
        }
        putInParts(key, file, size);
    }

    private void putInParts(String key, Path file, long size) throws IOException {
        inParts(
                key,
                size,
                settings.partBytes(),
                (upload, number, from, length) -> put(key, upload, number, new Part(file, from, length)));
    }

    /** Sends a part of what an upload is to have, or has it copied. */
    private interface Sending {
        CompletedPart send(String upload, int number, long from, long length) throws IOException;
    }

    /** @param usual bytes of a part, as long as those are not too many */
    private void inParts(String key, long size, long usual, Sending sending) throws IOException {
        String upload = call(
                key, "POST (begin parts)", () -> client.createMultipartUpload(begin -> begin.bucket(address.bucket())
                                .key(address.key(key))
                                .serverSideEncryption(encryption)
                                .ssekmsKeyId(settings.kmsKey()))
                        .uploadId());
        try {
            long length = Math.max(usual, (size + MOST_PARTS - 1) / MOST_PARTS);
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < size; from += length) {
                parts.add(sending.send(upload, parts.size() + 1, from, Math.min(length, size - from)));
            }
            complete(key, upload, parts);
            requireSize(key, size);
        } catch (IOException | RuntimeException e) {
            abort(key, upload, e);
            throw e;
        }
    }

    private CompletedPart put(String key, String upload, int number, Part part) throws IOException {
        String md5 = md5(part);
        String tag = call(key, "PUT (part %d)".formatted(number), () -> client.uploadPart(
                        put -> put.bucket(address.bucket())
                                .key(address.key(key))
                                .uploadId(upload)
                                .partNumber(number)
                                .contentMD5(md5),
                        part.body())
                .eTag());
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    /** Its answer may be 200 and an error all the same, which the SDK makes an exception of. */
    private void complete(String key, String upload, List<CompletedPart> parts) throws IOException {
        call(key, "POST (complete parts)", () -> {
            try {
                client.completeMultipartUpload(done -> done.bucket(address.bucket())
                        .key(address.key(key))
                        .uploadId(upload)
                        .multipartUpload(all -> all.parts(parts)));
                return true;
            } catch (S3Exception e) {
                // Asked again after an answer that was lost: the upload is over, which its object shows.
                if (e.statusCode() == NOT_FOUND && exists(key)) {
                    return true;
                }
                throw e;
            }
        });
    }

    /** An object that a store has put together counts only when it has all bytes, whatever its answer was. */
    private void requireSize(String key, long size) throws IOException {
        long there = size(key);
        if (there != size) {
            throw new LakeException(
                    "%s: has %,d bytes, %,d were put".formatted(name(key), there, size),
                    Remedy.RETRY,
                    "If it happens again, look at the store.",
                    null);
        }
    }

    private long size(String key) throws IOException {
        return call(key, "HEAD", () -> client.headObject(
                        head -> head.bucket(address.bucket()).key(address.key(key)))
                .contentLength());
    }

    /** What cannot be taken back is left to the bucket's own rule for uploads that were begun. */
    private void abort(String key, String upload, Exception failure) {
        try {
            client.abortMultipartUpload(
                    end -> end.bucket(address.bucket()).key(address.key(key)).uploadId(upload));
        } catch (SdkException e) {
            failure.addSuppressed(e);
        }
    }

    /** Few objects are too large for one request, so the store says which are. */
    @Override
    public boolean copy(String from, String to) throws IOException {
        return call(to, "COPY", () -> {
            try {
                client.copyObject(copy -> copy.sourceBucket(address.bucket())
                        .sourceKey(address.key(from))
                        .destinationBucket(address.bucket())
                        .destinationKey(address.key(to))
                        .serverSideEncryption(encryption)
                        .ssekmsKeyId(settings.kmsKey()));
                return true;
            } catch (S3Exception e) {
                if (isNoSuchKey(e)) {
                    return false;
                }
                long size = e.statusCode() == BAD_REQUEST ? size(from) : 0;
                if (size <= copiedPart) {
                    throw e;
                }
                copyInParts(from, to, size);
                return true;
            }
        });
    }

    private void copyInParts(String from, String to, long size) throws IOException {
        inParts(
                to,
                size,
                copiedPart,
                (upload, number, at, length) ->
                        call(to, "COPY (part %d)".formatted(number), () -> CompletedPart.builder()
                                .partNumber(number)
                                .eTag(client.uploadPartCopy(copy -> copy.sourceBucket(address.bucket())
                                                .sourceKey(address.key(from))
                                                .copySourceRange("bytes=%d-%d".formatted(at, at + length - 1))
                                                .destinationBucket(address.bucket())
                                                .destinationKey(address.key(to))
                                                .uploadId(upload)
                                                .partNumber(number))
                                        .copyPartResult()
                                        .eTag())
                                .build()));
    }

    @Override
    public void delete(String key) throws IOException {
        call(
                key,
                "DELETE",
                () -> client.deleteObject(
                        delete -> delete.bucket(address.bucket()).key(address.key(key))));
    }

    private static String md5(byte[] bytes) {
        return Base64.getEncoder().encodeToString(md5().digest(bytes));
    }

    private static String md5(Part part) throws IOException {
        MessageDigest digest = md5();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = part.open()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has MD5", e);
        }
    }
}
