package dev.caravan.page;

import java.util.Collection;
import java.util.Set;

/**
 * Which expressions will have values where a template is used.
 *
 * @param partition fields of the stream's partitions
 * @param vars names of the values given to the run
 * @param connection what is known of the account: its name and its tags
 * @param roots what else there is: {@code job} in the requests of a job, {@code record} in those for a record
 */
public record Known(Collection<String> partition, Collection<String> vars, Set<String> connection, Set<String> roots) {
    public Known(Collection<String> partition, Collection<String> vars) {
        this(partition, vars, Set.of("name"), Set.of());
    }

    /** Returns this where {@code root} has values as well. */
    public Known with(String root) {
        Set<String> more = new java.util.HashSet<>(roots);
        more.add(root);
        return new Known(partition, vars, connection, more);
    }
}
