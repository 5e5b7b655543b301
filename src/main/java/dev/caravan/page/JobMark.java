package dev.caravan.page;

import java.time.Instant;

/**
 * A job that a vendor works on, and how far its result is read: what a later run needs to go on with it.
 *
 * @param id what the vendor calls it
 * @param submitted when it was, so that its time is up in a later run too
 * @param tries how often the slice's job was submitted before it, at least 0
 * @param files result files that are read, at least 0
 * @param list fingerprint of the list of result files, empty until it is known: another list is read anew
 */
public record JobMark(String id, Instant submitted, int tries, int files, String list) {
    public JobMark {
        if (id.isBlank() || tries < 0 || files < 0) {
            throw new IllegalArgumentException("Not a job: id '%s', %d tries, %d files".formatted(id, tries, files));
        }
    }

    /** Returns this after another result file. */
    JobMark nextFile() {
        return new JobMark(id, submitted, tries, files + 1, list);
    }

    /** Returns this with its result at the beginning of a list of files. */
    JobMark reading(String newList) {
        return new JobMark(id, submitted, tries, 0, newList);
    }
}
