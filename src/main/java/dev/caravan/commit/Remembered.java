package dev.caravan.commit;

import org.jspecify.annotations.Nullable;

/** What of a record is remembered, so that the same one is not written twice. It follows the stream's disposition. */
public enum Remembered {
    /** The key: for append, where a record never changes. */
    KEY {
        @Override
        public @Nullable KeyHash hash(Candidate candidate) {
            String key = candidate.key();
            return key == null ? null : KeyHash.of(key);
        }
    },
    /** The key and the content: for merge, where an edited record is a new version. */
    KEY_AND_CONTENT {
        @Override
        public @Nullable KeyHash hash(Candidate candidate) {
            String key = candidate.key();
            return key == null ? null : KeyHash.of(key, candidate.bytes(), candidate.offset(), candidate.length());
        }
    },
    /** Nothing: for streams without a key, and where each run replaces what was there. */
    NOTHING {
        @Override
        public @Nullable KeyHash hash(Candidate candidate) {
            return null;
        }
    };

    /** Returns what is remembered of {@code candidate}; null if nothing is, then it always counts as new. */
    public abstract @Nullable KeyHash hash(Candidate candidate);
}
