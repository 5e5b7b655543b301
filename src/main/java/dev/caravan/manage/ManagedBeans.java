package dev.caravan.manage;

import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Streams;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Registers one MBean for each stream and connection: {@code dev.caravan:type=Stream,name=stripe-charges},
 * {@code dev.caravan:type=Connection,name=stripe}.
 */
public final class ManagedBeans implements AutoCloseable {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final List<ObjectName> registered = new ArrayList<>();
    private final Clock clock;

    public ManagedBeans(Clock clock) {
        this.clock = clock;
    }

    public synchronized void register(Streams streams) {
        Set<LiveConnection> connections = new LinkedHashSet<>();
        for (LiveStream stream : streams.all()) {
            register(new StreamBean(stream, clock), "Stream", stream.id());
            connections.add(stream.connection());
        }
        for (LiveConnection connection : connections) {
            register(new ConnectionBean(connection), "Connection", connection.name());
        }
    }

    private void register(Object bean, String type, String name) {
        try {
            ObjectName objectName = new ObjectName("dev.caravan:type=%s,name=%s".formatted(type, name));
            if (server.isRegistered(objectName)) {
                server.unregisterMBean(objectName);
            }
            server.registerMBean(bean, objectName);
            registered.add(objectName);
        } catch (JMException e) {
            throw new IllegalStateException("Cannot register the MBean of %s %s".formatted(type, name), e);
        }
    }

    @Override
    public synchronized void close() {
        for (ObjectName name : registered) {
            try {
                if (server.isRegistered(name)) {
                    server.unregisterMBean(name);
                }
            } catch (JMException e) {
                throw new IllegalStateException("Cannot take back the MBean " + name, e);
            }
        }
        registered.clear();
    }
}
