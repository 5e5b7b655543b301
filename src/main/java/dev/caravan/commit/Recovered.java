package dev.caravan.commit;

import java.util.List;

/**
 * What a recovery did.
 *
 * @param rebuilt whether the database was ahead of the commits, or knew none of them, and was filled from the first one
 * @param applied commits that the database had not seen
 * @param deleted staged and temporary files that no commit names
 * @param missing committed files that are nowhere, as the commits name them; deleted on purpose perhaps, so no reason to
 *     stop
 * @param portioned whether there are rows that go when the portion they belong to is pulled again
 * @param plain whether there are rows that belong to no portion
 */
public record Recovered(
        boolean rebuilt, long applied, int deleted, List<String> missing, boolean portioned, boolean plain) {
    public Recovered {
        missing = List.copyOf(missing);
    }
}
