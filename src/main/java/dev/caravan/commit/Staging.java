package dev.caravan.commit;

import dev.caravan.lake.Lake;
import java.nio.file.Path;

/** Where files wait for their commit: {@code _staging/<epoch>/} of the stream's folder. */
final class Staging {
    static final String FOLDER = Lake.STAGING;

    /** Where the rows of a generation wait until it counts: {@code _pending/<generation>/} of the stream's folder. */
    static final String PENDING = "_pending";

    private Staging() {}

    static Path of(Path folder, long epoch) {
        return folder.resolve(FOLDER).resolve(Long.toString(epoch));
    }
}
