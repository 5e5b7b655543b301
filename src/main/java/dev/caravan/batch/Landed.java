package dev.caravan.batch;

import java.io.IOException;
import java.nio.file.Path;

/** A committed file. It may lie elsewhere, and is on this disk only for as long as somebody works with it. */
public interface Landed {
    /** Returns a file that lies on this disk. */
    static Landed at(Path file) {
        return work -> work.on(file);
    }

    /** Has something done with it; as often as is asked, and each time it may have to be fetched. */
    void with(Work work) throws IOException;

    /** What is done with a file. */
    interface Work {
        /** @param file there until this returns, under its name and that of its folder */
        void on(Path file) throws IOException;
    }
}
