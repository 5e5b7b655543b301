package dev.caravan.sandbox;

/** One vendor: turns its requests into its answers. Safe for any number of threads. */
interface Imitation {
    /** Answers as the vendor would, refusals included; throws only what is a mistake of the sandbox. */
    Answer answer(Ask ask);

    /** The stream that a path of the vendor lists, or empty text. */
    String stream(String path);

    /** The vendor's file. */
    VendorFile file();

    /**
     * Changes one row of a stream.
     *
     * @param scope what the stream is narrowed to by its address, such as a repository; empty for the vendor's only list
     * @throws IllegalArgumentException when there is no such stream or row
     */
    default void edit(String stream, String scope, String id) {
        file().edit(stream, scope(scope), id);
    }

    /**
     * Adds rows to the end of a stream.
     *
     * @throws IllegalArgumentException when there is no such stream, or no room
     */
    default void append(String stream, String scope, int rows) {
        file().append(stream, scope(scope), rows);
    }

    /** The scope of a name, as the vendor's addresses have it. */
    default Scope scope(String name) {
        if (!name.isEmpty()) {
            throw new IllegalArgumentException("No such scope: " + name);
        }
        return Scope.WHOLE;
    }

    /** Forgets every change, and what was counted against limits. */
    void reset();
}
