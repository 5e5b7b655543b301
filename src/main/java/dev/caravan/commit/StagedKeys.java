package dev.caravan.commit;

/** A file of keys that is whole and safe on disk; its place depends on the number its commit will get. */
record StagedKeys(String staged, int count, String sha256) {
    CommittedKeys at(long sequence) {
        return new CommittedKeys("_commits/%020d.keys".formatted(sequence), staged, count, sha256);
    }
}
