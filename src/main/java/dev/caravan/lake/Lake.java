package dev.caravan.lake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the commit protocol asks of the place where files lie. Safe for any number of threads and processes.
 *
 * <p>A file is known by its <em>place</em>, the path below {@link #data} that it has, or would have, on this disk. Files are
 * written on this disk first, in a folder {@link #STAGING}, and {@link #stage} takes them into the lake. Whatever returned
 * normally is durable. Asked for what is not there, methods throw {@link java.nio.file.NoSuchFileException}; in any other
 * trouble an {@link IOException}, of a bucket a {@link LakeException}, and then what was asked for may have happened.
 */
public interface Lake {
    /** Name of the folder, inside another, whose files wait for their commit. */
    String STAGING = "_staging";

    /** Whether readers see a file or folder: no name on the way to it, from the one that they read, begins with '_' or '.'. */
    static boolean isVisible(Path way) {
        for (Path name : way) {
            if (name.toString().startsWith("_") || name.toString().startsWith(".")) {
                return false;
            }
        }
        return true;
    }

    /** Files below a folder of this machine's disk. */
    static Lake on(Path data) {
        return new LocalLake(data);
    }

    /** Returns the folder on this disk that places are paths below: the state, locks and reports are there, wherever the lake is. */
    Path data();

    /** Returns what people call a place: a path, or an address such as {@code s3://bucket/prefix/acme/orders}. */
    String name(Path place);

    boolean exists(Path place) throws IOException;

    /** Opens a file to be read once, from its beginning. */
    InputStream open(Path place) throws IOException;

    /** Returns all of a file, which must be small enough for memory. */
    default byte[] read(Path place) throws IOException {
        try (InputStream in = open(place)) {
            return in.readAllBytes();
        }
    }

    /** Returns a file as one of this disk, for those who can read no other. */
    Copy copy(Path place) throws IOException;

    /** Returns the files and folders directly in {@code folder}, in no order; none if there is no such folder. */
    List<Path> list(Path folder) throws IOException;

    /** Returns every file below {@code folder} that {@link #isVisible readers see}. */
    List<Path> visible(Path folder) throws IOException;

    /** Returns every file below {@code folder} that was written before {@code oldest}. */
    Set<Path> writtenBefore(Path folder, Instant oldest) throws IOException;

    /**
     * Creates a file whole, unless there is one. Of all who try at once, on any machine, one succeeds.
     *
     * @return whether this call has created it
     */
    boolean create(Path place, byte[] bytes) throws IOException;

    /**
     * Makes sure that {@link #create} does what it says here. For a disk, {@code folder} is where that is tried.
     *
     * @throws dev.caravan.failure.PullException if it does not, with what would be right
     */
    void requireCreatesOnce(Path folder) throws IOException;

    /** Returns one of some places that there is a file at; empty if there is none at any. */
    Optional<Path> anyOf(List<Path> places) throws IOException;

    /** Takes files that were written on this disk into the lake, under the same places; leaves out those it took before. */
    void stage(List<Path> places) throws IOException;

    /**
     * Makes the names in a folder of staged files as durable as the files are, and those of the folders on the way to it from
     * {@code top}.
     *
     * @return false if there is no such folder
     */
    boolean keepNames(Path staging, Path top) throws IOException;

    /**
     * Moves staged files to where they are read, and where nothing else ever is; the second time does nothing. A reader sees all
     * of a file or none. Where one was moved now, the folders of both are to be {@link #settle settled} afterwards.
     *
     * @return what became of each, in their order
     */
    List<Moved> move(List<Move> files) throws IOException;

    /** From where to where a file is moved. */
    record Move(Path staged, Path place) {}

    /**
     * Deletes a file, which need not be there.
     *
     * @return whether its folder is to be settled
     */
    boolean delete(Path place) throws IOException;

    /** Deletes all that is below a folder, and the folder, as far as nobody adds to it meanwhile; returns how many files went. */
    int deleteAll(Path folder) throws IOException;

    /** Deletes a folder if it is empty. */
    void deleteIfEmpty(Path folder) throws IOException;

    /** Makes durable what was moved to a folder, from it, or deleted in it. Names of folders that are empty go, up to {@code top}. */
    void settle(Path folder, Path top) throws IOException;

    /** What became of a file that was to be moved. */
    enum Moved {
        NOW,
        /** It is in place already. */
        BEFORE,
        /** It is at neither of the places. */
        NOWHERE
    }
}
