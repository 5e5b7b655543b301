package dev.caravan.secret;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Keys that a setting has: from the environment, a file of settings, or a vault that the setting names. */
public final class GivenKeys implements KeySource {
    private final String setting;
    private final Supplier<String> value;

    /** @param value one key, or several with commas between: the new one first */
    public GivenKeys(String setting, Supplier<String> value) {
        this.setting = setting;
        this.value = value;
    }

    @Override
    public List<StoreKey> keys() {
        return Arrays.stream(value.get().split(",", -1))
                .map(each -> StoreKey.parse(each, setting))
                .toList();
    }

    @Override
    public List<StoreKey> keysOrNew() {
        return keys();
    }

    @Override
    public List<StoreKey> renewed() {
        List<StoreKey> all = keys();
        if (all.size() < 2) {
            throw new SecretException(
                    "%s holds one key: write the new one before it, with a comma between, and rotate again"
                            .formatted(setting));
        }
        return all;
    }

    @Override
    public void forgetOld() {
        // Whoever gave them takes them away.
    }

    @Override
    public String place() {
        return setting;
    }
}
