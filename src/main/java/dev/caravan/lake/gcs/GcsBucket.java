package dev.caravan.lake.gcs;

import com.google.cloud.ReadChannel;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import com.google.cloud.storage.Storage.BlobListOption;
import com.google.cloud.storage.Storage.BlobSourceOption;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.Storage.BlobWriteOption;
import com.google.cloud.storage.Storage.CopyRequest;
import com.google.cloud.storage.StorageException;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.Incoming;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A bucket of Google Cloud Storage. What is unavailable is asked again by Google's library, within its bounds. */
public final class GcsBucket implements Bucket {
    /** Who created an object, so that it is known again when the answer was lost and the store says that it is there already. */
    private static final String CREATED_BY = "caravan-created-by";

    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    /** A file that is sent in one request, and is in memory then. */
    private static final int AT_ONCE = 1 << 20;
    /** Of a file that is sent in several requests; what one of them holds in memory. */
    private static final int CHUNK = 8 << 20;

    private final Storage storage;
    private final Address address;
    private final GcsSettings settings;

    public GcsBucket(Storage storage, Address address, GcsSettings settings) {
        this.storage = storage;
        this.address = address;
        this.settings = settings;
    }

    private interface Call<T> {
        T make() throws IOException;
    }

    private <T> T call(String key, String what, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (StorageException e) {
            throw GcsTrouble.of(name(key), what, e);
        }
    }

    private BlobId id(String key) {
        return BlobId.of(address.bucket(), address.key(key));
    }

    @Override
    public String name(String key) {
        return address.name(key);
    }

    @Override
    public boolean exists(String key) throws IOException {
        return call(key, "GET", () -> storage.get(id(key), BlobGetOption.fields(BlobField.NAME)) != null);
    }

    @Override
    public InputStream open(String key) throws IOException {
        return call(key, "GET", () -> {
            Blob blob =
                    storage.get(id(key), BlobGetOption.fields(BlobField.NAME, BlobField.GENERATION, BlobField.SIZE));
            if (blob == null) {
                throw new NoSuchFileException(name(key));
            }
            ReadChannel reader = storage.reader(blob.getBlobId(), BlobSourceOption.generationMatch());
            return new Incoming(name(key), Channels.newInputStream(reader), blob.getSize(), reader::close);
        });
    }

    @Override
    public List<Listed> list(String prefix, boolean flat) throws IOException {
        return call(prefix, "LIST", () -> {
            List<BlobListOption> options = new ArrayList<>(List.of(
                    BlobListOption.prefix(address.key(prefix)),
                    BlobListOption.fields(BlobField.NAME, BlobField.UPDATED)));
            if (!flat) {
                options.add(BlobListOption.currentDirectory());
            }
            List<Listed> all = new ArrayList<>();
            for (Blob blob : storage.list(address.bucket(), options.toArray(BlobListOption[]::new))
                    .iterateAll()) {
                String key = blob.getName().substring(address.prefix().length());
                all.add(new Listed(
                        key,
                        blob.getUpdateTimeOffsetDateTime() == null
                                ? Instant.EPOCH
                                : blob.getUpdateTimeOffsetDateTime().toInstant()));
            }
            return all;
        });
    }

    @Override
    public boolean create(String key, byte[] bytes) throws IOException {
        String mark = UUID.randomUUID().toString();
        return call(key, "POST", () -> {
            try {
                List<BlobTargetOption> options = new ArrayList<>(List.of(BlobTargetOption.doesNotExist()));
                if (settings.kmsKey() != null) {
                    options.add(BlobTargetOption.kmsKeyName(settings.kmsKey()));
                }
                storage.create(
                        BlobInfo.newBuilder(id(key))
                                .setMetadata(Map.of(CREATED_BY, mark))
                                .build(),
                        bytes,
                        options.toArray(BlobTargetOption[]::new));
                return true;
            } catch (StorageException e) {
                if (e.getCode() == PRECONDITION_FAILED) {
                    return isCreatedBy(mark, key);
                }
                throw e;
            }
        });
    }

    private boolean isCreatedBy(String mark, String key) {
        Blob blob = storage.get(id(key), BlobGetOption.fields(BlobField.NAME, BlobField.METADATA));
        return blob != null
                && blob.getMetadata() != null
                && mark.equals(blob.getMetadata().get(CREATED_BY));
    }

    @Override
    public void put(String key, Path file) throws IOException {
        if (Files.size(file) <= AT_ONCE) {
            putAtOnce(key, Files.readAllBytes(file));
            return;
        }
        String sum = sum(file);
        call(key, "POST", () -> {
            List<BlobWriteOption> options = new ArrayList<>(List.of(BlobWriteOption.crc32cMatch()));
            if (settings.kmsKey() != null) {
                options.add(BlobWriteOption.kmsKeyName(settings.kmsKey()));
            }
            return storage.createFrom(
                    BlobInfo.newBuilder(id(key)).setCrc32c(sum).build(),
                    file,
                    CHUNK,
                    options.toArray(BlobWriteOption[]::new));
        });
    }

    /** One request in place of two, and where it is refused, the store's own words: of a session that is not begun there are none. */
    private void putAtOnce(String key, byte[] bytes) throws IOException {
        BlobTargetOption[] options = settings.kmsKey() == null
                ? new BlobTargetOption[0]
                : new BlobTargetOption[] {BlobTargetOption.kmsKeyName(settings.kmsKey())};
        call(key, "POST", () -> storage.create(BlobInfo.newBuilder(id(key)).build(), bytes, options));
    }

    @Override
    public boolean copy(String from, String to) throws IOException {
        return call(to, "COPY", () -> {
            try {
                CopyRequest.Builder request = CopyRequest.newBuilder().setSource(id(from));
                if (settings.kmsKey() == null) {
                    request.setTarget(id(to));
                } else {
                    request.setTarget(id(to), BlobTargetOption.kmsKeyName(settings.kmsKey()));
                }
                storage.copy(request.build()).getResult();
                return true;
            } catch (StorageException e) {
                if (e.getCode() == NOT_FOUND) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public void delete(String key) throws IOException {
        call(key, "DELETE", () -> storage.delete(id(key)));
    }

    /** The store compares it with what has arrived. */
    private static String sum(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sum.update(buffer, 0, read);
            }
        }
        byte[] bytes =
                ByteBuffer.allocate(Integer.BYTES).putInt((int) sum.getValue()).array();
        return Base64.getEncoder().encodeToString(bytes);
    }
}
