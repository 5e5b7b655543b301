package dev.caravan.app;

import com.google.cloud.storage.Storage;
import dev.caravan.camel.CamelOutlet;
import dev.caravan.camel.HttpTransport;
import dev.caravan.camel.LiveRoutes;
import dev.caravan.camel.RunPolicy;
import dev.caravan.camel.SharedMBeanInfo;
import dev.caravan.camel.SteeredRoutes;
import dev.caravan.camel.StreamRoutes;
import dev.caravan.camel.TemplateBeans;
import dev.caravan.commit.StateStore;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.definition.Account;
import dev.caravan.definition.VendorFile;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.lake.Lake;
import dev.caravan.lake.ObjectLake;
import dev.caravan.lake.gcs.GcsClients;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.manage.Audit;
import dev.caravan.manage.Caller;
import dev.caravan.run.BatchThreads;
import dev.caravan.run.Engine;
import dev.caravan.run.LiveStream;
import dev.caravan.run.PageMemory;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import dev.caravan.secret.SecretStore;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;
import software.amazon.awssdk.services.s3.S3Client;

/** Puts the rooms together. The beans named {@code caravan…} are those that templates and shared routes refer to. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(Console.class) // looked for by name, not by going through the whole jar
@EnableConfigurationProperties({CaravanOptions.class, LakeOptions.class})
class Wiring {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "close")
    StateStore stateStore(CaravanOptions options, Clock clock) {
        return options.postgres()
                .map(StateStore::connect)
                .orElseGet(() -> StateStore.open(options.data().resolve("state").resolve("caravan.db"), clock));
    }

    @Bean
    Lake lake(CaravanOptions options, LakeOptions lake, ObjectProvider<S3Client> s3, ObjectProvider<Storage> gcs) {
        return lake.address()
                .map(address -> Lakes.bucket(address, lake, s3::getObject, gcs::getObject))
                .<Lake>map(bucket -> new ObjectLake(options.data(), bucket))
                .orElseGet(() -> Lake.on(options.data()));
    }

    /** Made when it is asked for: by the lake, or by Camel's component for routes of one's own. */
    @Bean(destroyMethod = "close")
    @Lazy
    S3Client s3Client(LakeOptions options) {
        try {
            return S3Clients.of(options.s3().settings());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("caravan.s3." + e.getMessage(), e);
        }
    }

    /** The same. */
    @Bean(destroyMethod = "close")
    @Lazy
    Storage googleStorage(LakeOptions options) {
        return GcsClients.of(options.gcs().settings());
    }

    @Bean
    Streams streams(StateStore store) {
        return new Streams(store);
    }

    @Bean
    Engine engine(
            CaravanOptions options,
            ConfigurableEnvironment environment,
            StateStore store,
            Lake lake,
            Streams streams,
            BatchThreads batches,
            ObjectProvider<CamelContext> context,
            Clock clock) {
        return new Engine(
                options.data(),
                lake,
                store,
                DefaultSinks.of(environment),
                new CamelOutlet(context::getObject),
                clock,
                options.patience(),
                Math.toIntExact(options.maxPage().toBytes()),
                options.maxRecord().toBytes(),
                new PageMemory(options.pageMemoryBytes()),
                batches::execute,
                options.batchRows(),
                options.batchSize().toBytes(),
                Retention.span("caravan.keep-rejects", options.keepRejects()),
                streams,
                new Reports(options.data())
                        .andThen(new Retention(
                                options.data(),
                                store.runs(),
                                Retention.span("caravan.keep-reports", options.keepReports()),
                                clock)));
    }

    @Bean(destroyMethod = "close")
    BatchThreads batchThreads() {
        return new BatchThreads();
    }

    @Bean
    Limiter processLimiter(CaravanOptions options, Clock clock) {
        return Limiter.ofProcess(options.requestsPerSecond(), options.requestsInFlight(), clock);
    }

    /** As many connections as requests may be in flight: then no request waits for one. */
    @Bean(destroyMethod = "close")
    HttpTransport httpTransport(CaravanOptions options) {
        return new HttpTransport(options.requestsInFlight());
    }

    @Bean(destroyMethod = "close")
    Connections connections(
            CaravanOptions options, Limiter processLimiter, HttpTransport transport, SecretStore secrets, Clock clock) {
        return new Connections(options, processLimiter, transport, secrets, clock);
    }

    @Bean
    StreamRoutes streamRoutes(
            CaravanOptions options,
            ConfigurableEnvironment environment,
            ObjectProvider<CamelContext> context,
            Connections connections,
            Engine engine,
            Streams streams,
            HttpTransport transport) {
        VendorFileReader reader = new VendorFileReader(
                vendor -> accounts(options, vendor),
                text -> new Settings(context.getObject(), name -> Secrets.check(environment, name)).apply(text),
                options.routes());
        return new StreamRoutes(options.routes(), reader, new LiveStreams(connections, engine), streams, transport);
    }

    private static List<Account> accounts(CaravanOptions options, String vendor) {
        return options.connections().entrySet().stream()
                .filter(entry -> entry.getValue().vendor().equals(vendor))
                .map(entry -> new Account(entry.getKey(), entry.getValue().tags()))
                .sorted(Comparator.comparing(Account::connection))
                .toList();
    }

    /** Vendor files are read, and routes made, before the context starts. */
    @Bean
    CamelContextConfiguration vendorFiles(
            StreamRoutes routes,
            Streams streams,
            LaunchPlan plan,
            Steering steering,
            CaravanOptions options,
            HttpTransport transport,
            ObjectProvider<RunPolicy> runs,
            ObjectProvider<SteeredRoutes> steered,
            ObjectProvider<LiveRoutes> live) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                springFirst(context);
                SharedMBeanInfo.use(context);
                TemplateBeans.bind(context, streams, transport, runs.getObject());
                if (plan.mode() == LaunchPlan.Mode.SERVE) {
                    // What was said of a stream is said to whoever serves; a command is told by name what to do.
                    streams.watch(steering);
                    routes.withCopies(options.data().resolve("state").resolve("routes"));
                }
                if (plan.mode() != LaunchPlan.Mode.LOOK) {
                    routes.trying(context);
                }
                List<VendorFile> files = routes.define();
                if (plan.mode() != LaunchPlan.Mode.LOOK) {
                    routes.load(context, files, wanted(plan, streams));
                }
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                if (plan.mode() == LaunchPlan.Mode.SERVE) {
                    steering.drive(steered.getObject());
                    live.getObject().begin();
                }
            }
        };
    }

    /** Camel would ask the environment before anybody else, though a secret that is given or stored counts before it. */
    private static void springFirst(CamelContext context) {
        if (context.getPropertiesComponent() instanceof PropertiesComponent component) {
            component.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_FALLBACK);
            component.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
        }
    }

    /**
     * The streams that are named, and those whose records are their partitions. A command asks for what it wants: nothing runs
     * because it happens to be due.
     */
    private static Predicate<LiveStream> wanted(LaunchPlan plan, Streams streams) {
        Set<LiveStream> needed = new HashSet<>();
        streams.all().stream().filter(stream -> isNamed(plan, stream)).forEach(stream -> {
            needed.add(stream);
            needed.addAll(streams.ancestors(stream));
        });
        if (plan.mode() == LaunchPlan.Mode.PULL) {
            needed.forEach(LiveStream::onlyWhenAsked);
        }
        return needed::contains;
    }

    private static boolean isNamed(LaunchPlan plan, LiveStream stream) {
        return plan.names().isEmpty()
                || plan.names().contains(stream.id())
                || plan.names().contains(stream.connection().name());
    }

    @Bean
    Audit audit(CaravanOptions options) {
        return new Audit(options.data().resolve("state"));
    }

    @Bean
    Steering steering(Streams streams, StateStore store, Clock clock, Audit audit) {
        return new Steering(streams, store, clock, audit);
    }

    @Bean(destroyMethod = "close")
    SteeredRoutes steeredRoutes(CamelContext context, Streams streams) {
        return new SteeredRoutes(context, streams);
    }

    @Bean(destroyMethod = "close")
    LiveRoutes liveRoutes(
            CamelContext context,
            StreamRoutes routes,
            Streams streams,
            Steering steering,
            SteeredRoutes steered,
            Clock clock) {
        return new LiveRoutes(context, routes, streams, steering, steered, clock);
    }

    @Bean
    RunPolicy runPolicy(Streams streams, Steering steering, SteeredRoutes routes) {
        return new RunPolicy(streams, steering, routes, Caller::current);
    }
}
