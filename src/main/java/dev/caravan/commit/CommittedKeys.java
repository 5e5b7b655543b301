package dev.caravan.commit;

/**
 * The key hashes of a commit's records, in a file beside it.
 *
 * @param path where the file belongs, relative to the stream's folder: {@code _commits/<sequence>.keys}
 * @param staged where it lies until the commit is published, relative to the same folder
 * @param count keys in it
 * @param sha256 hash of its bytes, in hexadecimal
 */
public record CommittedKeys(String path, String staged, int count, String sha256) {
    public CommittedKeys {
        if (path.isEmpty() || staged.isEmpty() || sha256.length() != 64 || count < 1) {
            throw new IllegalArgumentException(
                    "Not a file of keys: path=%s staged=%s count=%d sha256=%s".formatted(path, staged, count, sha256));
        }
    }
}
