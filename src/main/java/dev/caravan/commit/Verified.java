package dev.caravan.commit;

import java.util.ArrayList;
import java.util.List;

/**
 * What a verification found.
 *
 * @param commits commits read
 * @param files committed files looked at, those of rejects and keys among them
 * @param rows rows of data that are there as committed
 * @param rejected rejected records that are there as committed
 * @param problems everything that is not as it should be
 */
public record Verified(long commits, long files, long rows, long rejected, List<Problem> problems) {
    public Verified {
        problems = List.copyOf(problems);
    }

    /** Returns this and what was found of another sink of the stream. */
    public Verified plus(Verified other) {
        List<Problem> all = new ArrayList<>(problems);
        all.addAll(other.problems());
        return new Verified(
                commits + other.commits(),
                files + other.files(),
                rows + other.rows(),
                rejected + other.rejected(),
                all);
    }

    public boolean isSound() {
        return problems.isEmpty();
    }
}
