package dev.caravan.manage;

import java.util.Set;
import javax.management.ObjectInstance;
import javax.management.ObjectName;
import org.jolokia.service.jmx.api.CacheKeyProvider;
import org.jspecify.annotations.Nullable;

/**
 * Has Jolokia's list describe beans of one kind once: fifty streams have more than a thousand steps of a dozen kinds, and Hawtio
 * asks for the list before it shows anything. Jolokia finds it by name.
 */
public final class KindsOfBeans extends CacheKeyProvider {
    private static final Set<String> TYPES = Set.of(
            "processors", "routes", "endpoints", "consumers", "producers", "dataformats", "Stream", "Connection");

    private static final Set<String> DOMAINS = Set.of("org.apache.camel", "dev.caravan");

    /** @param order among Jolokia's services */
    public KindsOfBeans(int order) {
        super(order);
    }

    @Override
    public @Nullable String determineKey(ObjectInstance bean) {
        ObjectName name = bean.getObjectName();
        String type = String.valueOf(name.getKeyProperty("type"));
        return DOMAINS.contains(name.getDomain()) && TYPES.contains(type)
                ? name.getDomain() + ":" + bean.getClassName()
                : null;
    }
}
