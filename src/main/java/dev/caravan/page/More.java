package dev.caravan.page;

import dev.caravan.json.JsonPath;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the answer itself says about whether more follows.
 *
 * @param path where it says so, null for nowhere
 */
public record More(@Nullable JsonPath path) {
    private static final Set<String> NO = Set.of("", "false", "0", "null", "[]", "{}");

    /** Tells whether more may follow: it does not if the value is missing, empty, zero or false. */
    boolean isPossible(PageContent content) {
        return path == null || isTold(content);
    }

    /** Tells whether the answer says that more follows. */
    public boolean isTold(PageContent content) {
        return path != null
                && !NO.contains(
                        content.captured().getOrDefault(path.toString(), "").strip());
    }

    /** Returns the paths to capture: this one and {@code others}. */
    public Set<String> captures(@Nullable String... others) {
        return Stream.concat(Stream.ofNullable(path).map(JsonPath::toString), Stream.of(others))
                .filter(each -> each != null)
                .collect(Collectors.toUnmodifiableSet());
    }
}
