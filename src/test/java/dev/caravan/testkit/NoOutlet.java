package dev.caravan.testkit;

import dev.caravan.sink.Outlet;
import java.util.Map;

/** Where there is no Camel: nothing can be sent anywhere. */
public final class NoOutlet implements Outlet {
    @Override
    public void check(String uri) {
        throw new IllegalArgumentException("There is no Camel here for " + uri);
    }

    @Override
    public Way open(String uri, Map<String, String> parameters) {
        throw new RefusedException("There is no Camel here for " + uri);
    }
}
