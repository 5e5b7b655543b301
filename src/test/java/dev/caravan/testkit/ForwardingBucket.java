package dev.caravan.testkit;

import dev.caravan.lake.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** A bucket that is another, but for what a test makes of it. */
public abstract class ForwardingBucket implements Bucket {
    protected final Bucket bucket;

    protected ForwardingBucket(Bucket bucket) {
        this.bucket = bucket;
    }

    @Override
    public String name(String key) {
        return bucket.name(key);
    }

    @Override
    public boolean exists(String key) throws IOException {
        return bucket.exists(key);
    }

    @Override
    public InputStream open(String key) throws IOException {
        return bucket.open(key);
    }

    @Override
    public List<Listed> list(String prefix, boolean flat) throws IOException {
        return bucket.list(prefix, flat);
    }

    @Override
    public boolean create(String key, byte[] bytes) throws IOException {
        return bucket.create(key, bytes);
    }

    @Override
    public void put(String key, Path file) throws IOException {
        bucket.put(key, file);
    }

    @Override
    public boolean copy(String from, String to) throws IOException {
        return bucket.copy(from, to);
    }

    @Override
    public void delete(String key) throws IOException {
        bucket.delete(key);
    }
}
