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
import org.apache.camel.support.management.MBeanInfoAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * Describes all steps of one kind by one {@link ModelMBeanInfo}.
 *
 * <p>Every stream has some twenty steps, each a bean in JMX. Camel works out anew for each of them what its attributes and
 * operations are, which follows from its class alone, and from that of what it manages, such as a timer: with 200 streams a third
 * of the time in which routes start, and most of the memory of the beans. The first of a class is Camel's own work still, and so
 * is every bean that sends notifications.
 */
public final class SharedMBeanInfo extends ServiceSupport implements ManagementMBeanAssembler {
    private final CamelContext context;
    private final ManagementMBeanAssembler first;
    private final Map<Classes, Kind> kinds = new ConcurrentHashMap<>();

    /** @param managed class of what the bean manages, null if that has nothing of its own to show */
    private record Classes(Class<?> bean, @Nullable Class<?> managed) {}

    /**
     * @param info all that is shown
     * @param usual what is shown of every such bean, null where that is all
     */
    private record Kind(ModelMBeanInfo info, @Nullable ModelMBeanInfo usual, boolean masks) {}

    private SharedMBeanInfo(CamelContext context, ManagementMBeanAssembler first) {
        this.context = context;
        this.first = first;
    }

    /** To be called before the context starts. */
    public static void use(CamelContext context) {
        var extension = context.getCamelContextExtension();
        ManagementMBeanAssembler given = extension.getManagementMBeanAssembler();
        extension.setManagementMBeanAssembler(
                new SharedMBeanInfo(context, given == null ? new DefaultManagementMBeanAssembler(context) : given));
    }

    @Override
    public @Nullable ModelMBean assemble(MBeanServer server, Object resource, ObjectName name) throws JMException {
        if (resource instanceof NotificationSenderAware) {
            return first.assemble(server, resource, name);
        }
        Object managed = managed(resource);
        Classes classes = new Classes(resource.getClass(), managed == null ? null : managed.getClass());
        Kind kind = kinds.get(classes);
        return kind == null
                ? assembleFirst(server, resource, name, classes)
                : assembleNext(kind, resource, managed == null ? resource : managed);
    }

    @Override
    protected void doStart() {
        ServiceHelper.startService(first);
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(first);
    }

    /** Returns what a bean manages if that has something of its own to show. */
    private static @Nullable Object managed(Object resource) {
        Object managed = resource instanceof ManagedInstance bean ? bean.getInstance() : null;
        return managed != null && managed.getClass().isAnnotationPresent(ManagedResource.class) ? managed : null;
    }

    private @Nullable ModelMBean assembleFirst(MBeanServer server, Object resource, ObjectName name, Classes classes)
            throws JMException {
        ModelMBean bean = first.assemble(server, resource, name);
        if (bean instanceof MixinRequiredModelMBean mixin && mixin.getMBeanInfo() instanceof ModelMBeanInfo info) {
            kinds.putIfAbsent(classes, new Kind(info, usual(resource, name, classes), mixin.isMask()));
        }
        return bean;
    }

    private @Nullable ModelMBeanInfo usual(Object resource, ObjectName name, Classes classes) throws JMException {
        if (classes.managed() == null) {
            return null;
        }
        MBeanInfoAssembler assembler = new MBeanInfoAssembler(context);
        assembler.start();
        try {
            return assembler.getMBeanInfo(context, resource, null, name.toString());
        } finally {
            assembler.stop();
        }
    }

    private static ModelMBean assembleNext(Kind kind, Object resource, Object managed) throws JMException {
        ModelMBean usual = kind.usual() == null ? null : bean(kind.usual(), kind.masks(), null, null, resource);
        return bean(kind.info(), kind.masks(), kind.usual(), usual, managed);
    }

    private static ModelMBean bean(
            ModelMBeanInfo info,
            boolean masks,
            @Nullable ModelMBeanInfo usual,
            @Nullable ModelMBean usualBean,
            Object resource)
            throws JMException {
        ModelMBean bean = new MixinRequiredModelMBean(info, masks, usual, usualBean);
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
