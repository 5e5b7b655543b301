package dev.caravan.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What of a stream rows belong to, so that they go when it is pulled again: days of a partition, or all of it.
 *
 * @param partition id of the partition, "" for a stream without partitions
 * @param from the first day, in the zone of the partition; null for all of the partition
 * @param to the day after the last; null if {@code from} is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Portion(
        String partition,
        @Nullable LocalDate from,
        @Nullable LocalDate to) {
    public Portion {
        if ((from == null) != (to == null) || (from != null && to != null && !from.isBefore(to))) {
            throw new IllegalArgumentException(
                    "Not a portion: partition=%s from=%s to=%s".formatted(partition, from, to));
        }
    }

    /** Returns all of a partition. */
    public static Portion of(String partition) {
        return new Portion(partition, null, null);
    }

    /** Returns one day of this partition. */
    public Portion day(LocalDate day) {
        return new Portion(partition, day, day.plusDays(1));
    }

    /** Whether all of {@code other} is in this. */
    public boolean holds(Portion other) {
        if (!partition.equals(other.partition)) {
            return false;
        }
        if (from == null || to == null) {
            return true;
        }
        return other.from != null && other.to != null && !other.from.isBefore(from) && !other.to.isAfter(to);
    }
}
