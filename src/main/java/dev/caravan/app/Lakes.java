package dev.caravan.app;

import dev.caravan.lake.Address;
import dev.caravan.lake.Lake;
import dev.caravan.lake.ObjectLake;
import dev.caravan.lake.s3.S3Bucket;
import java.nio.file.Path;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;

/** Makes the lake of an address. */
final class Lakes {
    private Lakes() {}

    static Lake in(Address address, Path data, LakeOptions options, Supplier<S3Client> s3) {
        if (!address.scheme().equals("s3")) {
            throw new IllegalArgumentException(
                    "caravan.lake: '%s' is of a store that this version does not know; write s3://bucket/prefix"
                            .formatted(address));
        }
        return new ObjectLake(data, new S3Bucket(s3.get(), address, options.s3().settings()));
    }
}
