package dev.caravan.camel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.modelmbean.InvalidTargetObjectTypeException;
import javax.management.modelmbean.ModelMBean;
import javax.management.modelmbean.ModelMBeanInfo;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedInstance;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.api.management.NotificationSenderAware;
import org.apache.camel.spi.ManagementMBeanAssembler;
import org.apache.camel.support.management.DefaultManagementMBeanAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * Describes all steps of one kind by one {@link ModelMBeanInfo}.
 *
 * <p>Every stream has some twenty steps, each a bean in JMX. Camel works out anew for each of them what its attributes and
 * operations are, which follows from its class alone: with 200 streams a third of the time in which routes start, and most
 * of the memory of the beans. The first of a class is Camel's own work still, and so is every bean that has something of its own
 * to describe: notifications, or an instance with attributes of its own.
 */
public final class SharedMBeanInfo extends ServiceSupport implements ManagementMBeanAssembler {
    private final ManagementMBeanAssembler first;
    private final Map<Class<?>, Kind> kinds = new ConcurrentHashMap<>();

    private record Kind(ModelMBeanInfo info, boolean masks) {}

    private SharedMBeanInfo(ManagementMBeanAssembler first) {
        this.first = first;
    }

    /** To be called before the context starts. */
    public static void use(CamelContext context) {
        var extension = context.getCamelContextExtension();
        ManagementMBeanAssembler given = extension.getManagementMBeanAssembler();
        extension.setManagementMBeanAssembler(
                new SharedMBeanInfo(given == null ? new DefaultManagementMBeanAssembler(context) : given));
    }

    @Override
    public @Nullable ModelMBean assemble(MBeanServer server, Object resource, ObjectName name) throws JMException {
        if (describesItself(resource)) {
            return first.assemble(server, resource, name);
        }
        Kind kind = kinds.get(resource.getClass());
        return kind == null ? assembleFirst(server, resource, name) : assembleNext(kind, resource);
    }

    @Override
    protected void doStart() {
        ServiceHelper.startService(first);
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(first);
    }

    private static boolean describesItself(Object resource) {
        return resource instanceof NotificationSenderAware
                || (resource instanceof ManagedInstance managed
                        && managed.getInstance() != null
                        && managed.getInstance().getClass().isAnnotationPresent(ManagedResource.class));
    }

    private @Nullable ModelMBean assembleFirst(MBeanServer server, Object resource, ObjectName name)
            throws JMException {
        ModelMBean bean = first.assemble(server, resource, name);
        if (bean instanceof MixinRequiredModelMBean mixin && mixin.getMBeanInfo() instanceof ModelMBeanInfo info) {
            kinds.putIfAbsent(resource.getClass(), new Kind(info, mixin.isMask()));
        }
        return bean;
    }

    private static ModelMBean assembleNext(Kind kind, Object resource) throws JMException {
        ModelMBean bean = new MixinRequiredModelMBean(kind.info(), kind.masks(), null, null);
        try {
            bean.setManagedResource(resource, "ObjectReference");
        } catch (InvalidTargetObjectTypeException e) {
            JMException failure = new JMException(e.getMessage());
            failure.initCause(e);
            throw failure;
        }
        return bean;
    }
}
