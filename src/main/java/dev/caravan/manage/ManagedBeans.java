package dev.caravan.manage;

import dev.caravan.camel.LiveRoutes;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Registers one MBean for each stream and connection: {@code dev.caravan:type=Stream,name=stripe-charges},
 * {@code dev.caravan:type=Connection,name=stripe}. They come and go with the streams.
 */
public final class ManagedBeans implements Streams.Watcher, AutoCloseable {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final Map<String, ObjectName> registered = new TreeMap<>();
    private final Streams streams;
    private final Steering steering;
    private final Clock clock;
    private final Duration stuckAfter;

    /** @param stuckAfter how long nothing may move without waiting before it is called stuck */
    public ManagedBeans(Streams streams, Steering steering, Clock clock, Duration stuckAfter) {
        this.streams = streams;
        this.steering = steering;
        this.clock = clock;
        this.stuckAfter = stuckAfter;
    }

    /** Shows the files that streams are defined in: {@code dev.caravan:type=Files,name=routes}. */
    public synchronized void show(LiveRoutes routes) {
        register(new DescribedBean<>(new FilesBean(routes), FilesMXBean.class), "Files", "routes");
    }

    @Override
    public synchronized void added(LiveStream stream) {
        StreamMXBean bean = new StreamBean(stream.id(), streams, steering, clock, stuckAfter);
        register(new DescribedBean<>(bean, StreamMXBean.class), "Stream", stream.id());
        String connection = stream.connection().name();
        ConnectionMXBean shared = new ConnectionBean(connection, streams, steering);
        register(new DescribedBean<>(shared, ConnectionMXBean.class), "Connection", connection);
    }

    @Override
    public synchronized void removed(String id) {
        unregister("Stream", id);
        for (String each : registered.keySet().toArray(String[]::new)) {
            String name = each.substring(each.indexOf(' ') + 1);
            if (each.startsWith("Connection ")
                    && streams.connections().stream()
                            .noneMatch(known -> known.name().equals(name))) {
                unregister("Connection", name);
            }
        }
    }

    private void register(Object bean, String type, String name) {
        if (registered.containsKey(type + " " + name)) {
            return; // it looks for the stream of its name each time
        }
        try {
            ObjectName objectName = new ObjectName("dev.caravan:type=%s,name=%s".formatted(type, name));
            if (server.isRegistered(objectName)) {
                server.unregisterMBean(objectName);
            }
            server.registerMBean(bean, objectName);
            registered.put(type + " " + name, objectName);
        } catch (JMException e) {
            throw new IllegalStateException("Cannot register the MBean of %s %s".formatted(type, name), e);
        }
    }

    private void unregister(String type, String name) {
        ObjectName known = registered.remove(type + " " + name);
        try {
            if (known != null && server.isRegistered(known)) {
                server.unregisterMBean(known);
            }
        } catch (JMException e) {
            throw new IllegalStateException("Cannot take back the MBean " + known, e);
        }
    }

    @Override
    public synchronized void close() {
        for (String each : registered.keySet().toArray(String[]::new)) {
            int space = each.indexOf(' ');
            unregister(each.substring(0, space), each.substring(space + 1));
        }
    }
}
