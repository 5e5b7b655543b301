package dev.caravan.lake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What a lake needs of a store of objects: few calls, each of which any such store has. Keys are relative to where the lake is
 * in its bucket. Safe for any number of threads. A call is repeated inside as long as that may help; what it throws then is a
 * {@link LakeException}.
 */
public interface Bucket {
    /** Returns what people call an object, {@code s3://bucket/prefix/key}; with an empty key, all of it. */
    String name(String key);

    boolean exists(String key) throws IOException;

    /**
     * Opens an object to be read once. Closing it early is cheap.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    InputStream open(String key) throws IOException;

    /**
     * Returns the objects whose keys begin with {@code prefix}, by their keys in order.
     *
     * @param flat whether to return all of them, or only those without a '/' behind the prefix, and of the others what comes up to
     *     it, the '/' included
     */
    List<Listed> list(String prefix, boolean flat) throws IOException;

    /**
     * An object, or what some have in common.
     *
     * @param written when it was written; of what ends with '/', the beginning of time
     */
    record Listed(String key, Instant written) {}

    /**
     * Creates an object unless there is one, whatever others do at the same time.
     *
     * @return whether this call has created it, which is known also if the store's answer was lost and it was asked again
     */
    boolean create(String key, byte[] bytes) throws IOException;

    /** Puts a file of this disk there, in parts where it is large; of a file that could not be put as a whole nothing is there. */
    void put(String key, Path file) throws IOException;

    /**
     * Copies an object within the store.
     *
     * @return false if there is none
     */
    boolean copy(String from, String to) throws IOException;

    /** Deletes an object, which need not be there. */
    void delete(String key) throws IOException;
}
