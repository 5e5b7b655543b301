package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedMBeanInfoTest {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private final DefaultCamelContext camels = context("camels-own");
    private final DefaultCamelContext shared = context("shared-info");

    @AfterEach
    void stop() {
        camels.stop();
        shared.stop();
    }

    @Test
    void everyBeanIsDescribedAsCamelDescribesIt() throws Exception {
        start();
        Set<String> names = names("shared-info");
        assertThat(names).hasSize(12).isEqualTo(names("camels-own"));
        for (String name : names) {
            assertThat(described("shared-info", name)).as(name).isEqualTo(described("camels-own", name));
        }
    }

    @Test
    void eachTellsAndChangesWhatIsItsOwn() throws Exception {
        start();
        ObjectName one = step("one-say");
        ObjectName two = step("two-say");
        shared.createProducerTemplate().sendBody("direct:one", "x");

        assertThat(SERVER.getAttribute(one, "RouteId")).isEqualTo("one");
        assertThat(SERVER.getAttribute(two, "RouteId")).isEqualTo("two");
        assertThat(SERVER.getAttribute(one, "ExchangesCompleted")).isEqualTo(1L);
        assertThat(SERVER.getAttribute(two, "ExchangesCompleted")).isEqualTo(0L);

        SERVER.setAttribute(one, new Attribute("StatisticsEnabled", false));
        assertThat(SERVER.getAttribute(one, "StatisticsEnabled")).isEqualTo(false);
        assertThat(SERVER.getAttribute(two, "StatisticsEnabled")).isEqualTo(true);
        SERVER.invoke(one, "stop", new Object[0], new String[0]);
        assertThat(SERVER.getAttribute(one, "State")).isEqualTo("Stopped");
        assertThat(SERVER.getAttribute(two, "State")).isEqualTo("Started");
    }

    @Test
    void whatIsManagedTellsWhatIsItsOwnBesideWhatIsUsual() throws Exception {
        start();
        shared.createProducerTemplate().sendBody("direct:two", "x");
        for (String route : List.of("one", "two")) {
            ObjectName queue = new ObjectName(
                    "org.apache.camel:context=shared-info,type=endpoints,name=\"seda://%s\"".formatted(route));
            assertThat(SERVER.getAttribute(queue, "CurrentQueueSize")).isEqualTo(route.equals("one") ? 0 : 1);
            assertThat(SERVER.getAttribute(queue, "EndpointUri")).isEqualTo("seda://" + route);
            assertThat(SERVER.getAttribute(queue, "CamelId")).isEqualTo(shared.getName());
            assertThat(SERVER.invoke(queue, "queueSize", new Object[0], new String[0]))
                    .isEqualTo(route.equals("one") ? 0 : 1);
        }
    }

    private void start() {
        SharedMBeanInfo.use(shared);
        camels.start();
        shared.start();
    }

    private static DefaultCamelContext context(String name) {
        DefaultCamelContext context = new DefaultCamelContext();
        context.getCamelContextExtension().setName(name);
        context.getManagementNameStrategy().setNamePattern(name);
        try {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    for (String route : List.of("one", "two")) {
                        from("direct:" + route)
                                .routeId(route)
                                .setBody(constant("y"))
                                .id(route + "-say")
                                .filter(constant(true))
                                .id(route + "-filter")
                                .to("seda:" + route)
                                .id(route + "-to");
                    }
                }
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return context;
    }

    private static ObjectName step(String id) throws Exception {
        return new ObjectName("org.apache.camel:context=shared-info,type=processors,name=\"%s\"".formatted(id));
    }

    /** Names of routes, steps, endpoints and consumers, without the context and what follows from an identity hash. */
    private static Set<String> names(String context) throws Exception {
        Set<String> names = new TreeSet<>();
        for (ObjectName name : SERVER.queryNames(new ObjectName("org.apache.camel:context=" + context + ",*"), null)) {
            String type = name.getKeyProperty("type");
            if (Set.of("routes", "processors", "endpoints").contains(type)) {
                names.add("type=%s,name=%s".formatted(type, name.getKeyProperty("name")));
            }
        }
        return names;
    }

    private static List<String> described(String context, String name) throws Exception {
        MBeanInfo info = SERVER.getMBeanInfo(new ObjectName("org.apache.camel:context=" + context + "," + name));
        return Stream.of(
                        Stream.of(info.getClassName(), String.valueOf(info.getDescription())),
                        Arrays.stream(info.getAttributes()).map(Object::toString),
                        Arrays.stream(info.getOperations()).map(Object::toString))
                .flatMap(each -> each)
                .sorted()
                .toList();
    }
}
