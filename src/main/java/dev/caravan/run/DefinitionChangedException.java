package dev.caravan.run;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** Key, cursor, partitions or disposition of a stream changed: what is committed cannot simply be continued. */
final class DefinitionChangedException extends PullException {
    private static final long serialVersionUID = 1L;

    DefinitionChangedException(String stream, String file) {
        super(
                Remedy.STOP,
                ("%s: held: key, cursor, partitions or disposition in %s are not those of what is committed. Undo the change,"
                                + " give the stream another id, or say with 'state keep %s' that the checkpoint still holds, or with"
                                + " 'state reset %s' that it begins anew")
                        .formatted(stream, file, stream, stream));
    }
}
