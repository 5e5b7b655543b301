package dev.caravan.sandbox;

import java.util.List;

/** One vendor: turns its requests into its answers. Safe for any number of threads. */
interface Imitation {
    /** Answers as the vendor would, refusals included; throws only what is a mistake of the sandbox. */
    default Answer answer(Ask ask) {
        try {
            return file().tokens().answer(ask).orElseGet(() -> {
                Lacking.refuse(file(), ask);
                return accepted(ask);
            });
        } catch (Refusal refusal) {
            return file().refuse(refusal);
        }
    }

    /**
     * Answers a request that the vendor accepts.
     *
     * @throws Refusal if it does not
     */
    Answer accepted(Ask ask);

    /** The stream that a path of the vendor lists, or empty text. */
    String stream(String path);

    /** The stream that a request is about, or empty text; where the path alone does not tell it, the query or body does. */
    default String stream(Ask ask) {
        return stream(ask.path());
    }

    /**
     * Whether a host, in lower case, stands for somebody who is the vendor's customer. The others are answered too, as the vendor
     * answers for those it does not know.
     */
    default boolean imitates(String host) {
        return true;
    }

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
     * Takes one row of a stream away, where the vendor's lists leave rows out without a word.
     *
     * @throws IllegalArgumentException when there is no such stream or row
     */
    default void remove(String stream, String scope, String id) {
        file().remove(stream, scope(scope), id);
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

    /**
     * The rows that the vendor keeps of a stream now, with the records that its lists would show, in the order of their last
     * change. Where addresses narrow a stream, those of all its {@link #scopes}.
     *
     * @throws IllegalArgumentException when there is no such stream
     */
    default List<Kept> kept(String stream) {
        return scopes(stream).stream()
                .flatMap(scope -> file().kept(stream, scope(scope)).stream())
                .toList();
    }

    /** The names of what the addresses of a stream can narrow it to; for want of a list, those that were asked for so far. */
    default List<String> scopes(String stream) {
        List<String> asked = file().scopes(stream);
        return asked.isEmpty() ? List.of("") : asked;
    }

    /** Forgets every change, and what was counted against limits. */
    void reset();
}
