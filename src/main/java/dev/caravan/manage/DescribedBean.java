package dev.caravan.manage;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** An MXBean that tells what its interface says of each part by {@link Described}; Java alone repeats their names. */
final class DescribedBean<T> extends StandardMBean {
    /** What is said of one holds for all of its interface: hundreds of streams are not described one by one. */
    private static final Map<Class<?>, MBeanInfo> INFOS = new ConcurrentHashMap<>();

    DescribedBean(T bean, Class<T> shown) {
        super(bean, shown, true);
    }

    @Override
    protected void cacheMBeanInfo(MBeanInfo info) {
        INFOS.put(getMBeanInterface(), info);
    }

    @Override
    protected @Nullable MBeanInfo getCachedMBeanInfo() {
        return INFOS.get(getMBeanInterface());
    }

    @Override
    protected String getDescription(MBeanAttributeInfo attribute) {
        return said(methods("get" + attribute.getName(), "is" + attribute.getName()), attribute.getName());
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation) {
        return said(methods(operation.getName()), operation.getName());
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo parameter, int place) {
        return said(parameter(operation, place).stream(), parameter.getName());
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo parameter, int place) {
        return parameter(operation, place).map(Parameter::getName).orElse(parameter.getName());
    }

    private static String said(Stream<? extends AnnotatedElement> parts, String otherwise) {
        return parts.flatMap(part -> Stream.ofNullable(part.getAnnotation(Described.class)))
                .map(Described::value)
                .findFirst()
                .orElse(otherwise);
    }

    private Optional<Parameter> parameter(MBeanOperationInfo operation, int place) {
        return methods(operation.getName())
                .filter(method -> method.getParameterCount() > place)
                .map(method -> method.getParameters()[place])
                .findFirst();
    }

    private Stream<Method> methods(String... names) {
        return Arrays.stream(getMBeanInterface().getMethods())
                .filter(method -> Arrays.asList(names).contains(method.getName()));
    }
}
