package dev.caravan.camel;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.support.DefaultRegistry;
import org.jspecify.annotations.Nullable;

/**
 * What routes of streams refer to by name. Kept apart from the registry's own beans, all of which Camel goes through for each step
 * of each route, to see whether one of them is of a type that it could use; none of these is ever found by its type.
 */
final class StreamBeans implements BeanRepository {
    private final Map<String, Object> beans = new ConcurrentHashMap<>();

    private StreamBeans() {}

    /** Returns those of a context. */
    static StreamBeans of(CamelContext context) {
        StreamBeans known = context.getCamelContextExtension().getContextPlugin(StreamBeans.class);
        if (known != null) {
            return known;
        }
        StreamBeans made = new StreamBeans();
        context.getRegistry(DefaultRegistry.class).addBeanRepository(made);
        context.getCamelContextExtension().addContextPlugin(StreamBeans.class, made);
        return made;
    }

    /** Takes a bean in, in place of the one that had its name. */
    void bind(String name, Object bean) {
        beans.put(name, bean);
    }

    @Override
    public @Nullable Object lookupByName(String name) {
        return beans.get(name);
    }

    @Override
    public <T> @Nullable T lookupByNameAndType(String name, Class<T> type) {
        Object bean = beans.get(name);
        return type.isInstance(bean) ? type.cast(bean) : null;
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
        return Map.of();
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
        return Set.of();
    }
}
