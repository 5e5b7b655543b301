package dev.caravan.app;

import com.google.cloud.storage.Storage;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.gcs.GcsBucket;
import dev.caravan.lake.s3.S3Bucket;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;

/** Finds the bucket of an address. */
final class Lakes {
    private Lakes() {}

    static Bucket bucket(Address address, LakeOptions options, Supplier<S3Client> s3, Supplier<Storage> gcs) {
        return address.scheme().equals("s3")
                ? new S3Bucket(s3.get(), address, options.s3().settings())
                : new GcsBucket(gcs.get(), address, options.gcs().settings());
    }
}
