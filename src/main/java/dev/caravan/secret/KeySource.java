package dev.caravan.secret;

import java.util.List;

/** Where the keys of the store come from. The first seals; the others, older ones, only open. */
public interface KeySource {
    /** Returns the keys, none if there is none yet. */
    List<StoreKey> keys();

    /** Returns the keys, at least one. */
    List<StoreKey> keysOrNew();

    /**
     * Puts a new key before the others, where this source can keep one; otherwise somebody has put it there already.
     *
     * @throws SecretException if there is no new key
     */
    List<StoreKey> renewed();

    /** Forgets all keys but the first, where this source keeps them. */
    void forgetOld();

    /** Returns where that is, for messages. */
    String place();
}
