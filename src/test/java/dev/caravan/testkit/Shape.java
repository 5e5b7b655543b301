package dev.caravan.testkit;

import java.util.ArrayList;
import java.util.List;

/** How a stream of {@link Items} is pulled. */
public enum Shape {
    /** One slice, page after page; a record counts once. */
    PLAIN,
    /** The same; every version of a record counts once. */
    MERGE("disposition: merge"),
    /** A slice a day, four at once. */
    PARALLEL("query: {from: \"${window.from}\", to: \"${window.to}\"}", "window: 1d", "parallel: 4");

    /** Looks back over all items there ever are. */
    public static final String ALL = "12d";

    private final String settings;

    Shape(String... settings) {
        this.settings = String.join("\n", settings);
    }

    /**
     * Returns a stream of this shape for {@link AcmeRoutes#account}; its path is its name.
     *
     * @param lookback over all items with {@link #ALL}, so that whatever was forgotten or is not remembered shows
     */
    public String stream(String account, String name, String lookback) {
        return stream(account, name, "/" + name, lookback);
    }

    /** The same, with a path of its own and further settings. */
    public String stream(String account, String name, String path, String lookback, String... more) {
        List<String> all = new ArrayList<>(settings.lines().toList());
        all.add("start: 11d");
        all.add("lookback: " + lookback);
        all.addAll(List.of(more));
        return AcmeRoutes.stream(account, name, path, all.toArray(String[]::new));
    }
}
