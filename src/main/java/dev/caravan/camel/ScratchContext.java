package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/**
 * A context in which a file is built and initialised, and never started, to see whether it can be. It sees the beans and settings
 * of the application, and nothing of what it makes is seen there.
 */
final class ScratchContext {
    private static final String POLICY = "caravanRuns";

    private final CamelContext application;

    ScratchContext(CamelContext application) {
        this.application = application;
    }

    /**
     * Returns what is wrong, nothing if all can run.
     *
     * @param parts shared routes and templates by name
     * @param file name of the vendor file
     * @param camel what of it is Camel's, "" if nothing
     * @param streams its streams, or others that are made from the templates
     */
    List<Problem> check(Map<String, String> parts, String file, String camel, Collection<StreamDefinition> streams) {
        List<Problem> problems = new ArrayList<>();
        try (DefaultCamelContext scratch = new DefaultCamelContext(false)) {
            prepare(scratch);
            parts.forEach((name, text) -> {
                try {
                    RouteLoading.loadText(scratch, name, text);
                } catch (Exception e) {
                    problems.add(Mistakes.of(name, "", e));
                }
            });
            Map<String, List<Integer>> shared = RouteLoading.lines(scratch);
            if (!camel.isEmpty() && problems.isEmpty()) {
                loadOwn(scratch, file, camel, shared.keySet(), problems);
            }
            Map<String, List<Integer>> plain = RouteLoading.lines(scratch);
            for (StreamDefinition stream : streams) {
                if (problems.isEmpty() && !stream.template().isEmpty() && plain.containsKey(stream.id())) {
                    problems.add(
                            duplicate(file, plain.get(stream.id()).get(0), stream.id(), place(file, stream.line())));
                }
                if (problems.isEmpty()) {
                    instantiate(scratch, stream, problems);
                }
            }
            if (problems.isEmpty()) {
                initialise(scratch, file, streams, problems);
            }
        } catch (IOException e) {
            problems.add(Mistakes.of(file, "", e));
        }
        return problems;
    }

    /** Returns the lines of the plain routes in a text that is good, by their ids. */
    Map<String, List<Integer>> lines(String file, String camel) {
        return read(Map.of(file, camel), RouteLoading::lines);
    }

    /** Returns the ids of the plain routes in texts that are good. */
    Set<String> routeIds(Map<String, String> texts) {
        return read(texts, RouteLoading::routeIds);
    }

    private <T> T read(Map<String, String> texts, Function<CamelContext, T> what) {
        try (DefaultCamelContext scratch = new DefaultCamelContext(false)) {
            prepare(scratch);
            for (Map.Entry<String, String> text : texts.entrySet()) {
                RouteLoading.loadText(scratch, text.getKey(), text.getValue());
            }
            return what.apply(scratch);
        } catch (Exception e) {
            throw new IllegalStateException("A text that was good is not: " + e.getMessage(), e);
        }
    }

    private static void loadOwn(
            CamelContext scratch, String file, String camel, Set<String> shared, List<Problem> problems) {
        try {
            RouteLoading.loadText(scratch, file, camel);
        } catch (Exception e) {
            problems.add(Mistakes.of(file, "", e));
            return;
        }
        RouteLoading.lines(scratch).forEach((id, lines) -> {
            if (lines.size() > 1) {
                String where = shared.contains(id) ? "shared/" : place(file, lines.get(0));
                problems.add(duplicate(file, lines.get(lines.size() - 1), id, where));
            }
        });
    }

    private static String place(String file, int line) {
        return file + ":" + line;
    }

    /** @param where what has the id: a file and line, or a folder */
    static Problem duplicate(String file, int line, String id, String where) {
        return new Problem(
                file,
                "",
                "%s: the route '%s' is already defined at %s; give one of them another id"
                        .formatted(place(file, line), id, where));
    }

    private static void instantiate(CamelContext scratch, StreamDefinition stream, List<Problem> problems) {
        try {
            RouteLoading.bind(scratch, stream, null);
            RouteLoading.instantiate(scratch, stream);
        } catch (RuntimeException e) {
            problems.add(RouteLoading.notMade(stream, e));
        }
    }

    private static void initialise(
            DefaultCamelContext scratch, String file, Collection<StreamDefinition> streams, List<Problem> problems) {
        try {
            scratch.build();
            scratch.init();
        } catch (Exception thrown) {
            Throwable e = Mistakes.located(
                    thrown,
                    scratch.getCamelContextExtension()
                            .getContextPlugin(Model.class)
                            .getRouteDefinitions());
            String route = RouteLoading.failedRoute(e);
            StreamDefinition stream = streams.stream()
                    .filter(each -> each.id().equals(route))
                    .findFirst()
                    .orElse(null);
            problems.add(stream == null ? Mistakes.of(file, "", e) : RouteLoading.notMade(stream, e));
        }
    }

    private void prepare(DefaultCamelContext scratch) {
        scratch.getCamelContextExtension().setRegistry(new DefaultRegistry(new ApplicationBeans(application)));
        scratch.getRegistry().bind(POLICY, new RoutePolicySupport() {});
        scratch.disableJMX();
        scratch.setAutoStartup(false);
        scratch.setSourceLocationEnabled(true);
        scratch.setLoadTypeConverters(false);
        scratch.getPropertiesComponent().addPropertiesSource(new ApplicationSettings(application));
        ShapedRoutes.of(scratch);
    }

    /** The beans of the application, except for what would act on its streams. */
    private record ApplicationBeans(CamelContext application) implements BeanRepository {
        private Registry registry() {
            return application.getRegistry();
        }

        @Override
        public @Nullable Object lookupByName(String name) {
            return name.equals(POLICY) ? null : registry().lookupByName(name);
        }

        @Override
        public <T> @Nullable T lookupByNameAndType(String name, Class<T> type) {
            return name.equals(POLICY) ? null : registry().lookupByNameAndType(name, type);
        }

        @Override
        public <T> Map<String, T> findByTypeWithName(Class<T> type) {
            return registry().findByTypeWithName(type);
        }

        @Override
        public <T> Set<T> findByType(Class<T> type) {
            return registry().findByType(type);
        }
    }

    /** The settings of the application. */
    private record ApplicationSettings(CamelContext application) implements PropertiesSource {
        @Override
        public String getName() {
            return "application";
        }

        @Override
        public @Nullable String getProperty(String name) {
            return application.getPropertiesComponent().resolveProperty(name).orElse(null);
        }
    }
}
