package dev.caravan.commit;

/**
 * Something on the disk that is not as the commits say.
 *
 * @param path the file, relative to {@code data/}
 * @param detail what was expected and what is there, a sentence
 */
public record Problem(What what, String path, String detail) {
    /** What is wrong with a file. */
    public enum What {
        /** A commit names it, and it is nowhere. */
        MISSING,
        /** Its bytes or rows are not those of the commit. */
        ALTERED,
        /** It lies where readers look, and no commit names it. */
        UNCOMMITTED,
        /** Two commits name it. */
        NAMED_TWICE
    }
}
