package dev.caravan.manage;

import java.io.IOException;
import java.util.List;
import javax.management.ObjectName;
import org.jolokia.server.core.restrictor.RestrictorFactory;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * What may be done through Jolokia: what {@code jolokia-access.xml} allows, and of its operations a viewer only those that look.
 * Jolokia finds it by name.
 */
public final class RoleRestrictor implements Restrictor {
    /** How operations begin that change nothing. */
    private static final List<String> LOOKING = List.of(
            "get",
            "is",
            "dump",
            "stats",
            "browse",
            "list",
            "details",
            "extendedInformation",
            "processorIds",
            "canInvoke",
            "find");

    private final Restrictor policy;

    public RoleRestrictor() throws IOException {
        this.policy = RestrictorFactory.lookupPolicyRestrictor("classpath:/caravan/jolokia-access.xml");
    }

    @Override
    public boolean isOperationAllowed(ObjectName bean, String operation) {
        boolean looks =
                !bean.getDomain().equals("dev.caravan") && LOOKING.stream().anyMatch(operation::startsWith);
        return (looks || isOperator()) && policy.isOperationAllowed(bean, operation);
    }

    private static boolean isOperator() {
        Authentication caller = SecurityContextHolder.getContext().getAuthentication();
        return caller != null
                && caller.getAuthorities().stream()
                        .anyMatch(each -> each.getAuthority().equals("ROLE_" + Role.OPERATOR.name()));
    }

    @Override
    public boolean isHttpMethodAllowed(HttpMethod method) {
        return policy.isHttpMethodAllowed(method);
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return policy.isTypeAllowed(type);
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName bean, String attribute) {
        return policy.isAttributeReadAllowed(bean, attribute);
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName bean, String attribute) {
        return policy.isAttributeWriteAllowed(bean, attribute);
    }

    @Override
    public boolean isRemoteAccessAllowed(String... hosts) {
        return policy.isRemoteAccessAllowed(hosts);
    }

    @Override
    public boolean isOriginAllowed(String origin, boolean strict) {
        return policy.isOriginAllowed(origin, strict);
    }

    /**
     * Hides the bean that Hawtio asks of each operation of each bean whether it may be called, to which it answers yes: ten
     * thousand questions before a page shows. What may be called is told by who calls it.
     */
    @Override
    public boolean isObjectNameHidden(ObjectName name) {
        boolean asked = name.getDomain().equals("hawtio") && "security".equals(name.getKeyProperty("type"));
        return asked || policy.isObjectNameHidden(name);
    }

    @Override
    public boolean ignoreScheme() {
        return policy.ignoreScheme();
    }
}
