package dev.caravan.manage;

import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.caravan.camel.LiveRoutes;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import dev.caravan.run.Watchdog;
import java.time.Clock;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The API under {@code /api}. */
@Configuration(proxyBeanMethods = false)
public class Api {
    private static final int LARGEST_BODY = 64 * 1024;
    private static final int DEEPEST_BODY = 10;

    @Bean
    StreamsApi streamsApi(Streams streams, Steering steering, Clock clock, Watchdog watchdog) {
        return new StreamsApi(streams, steering, clock, watchdog.after());
    }

    @Bean
    ConnectionsApi connectionsApi(Streams streams, Steering steering) {
        return new ConnectionsApi(streams, steering);
    }

    @Bean
    FilesApi filesApi(LiveRoutes routes) {
        return new FilesApi(routes);
    }

    @Bean
    ProcessApi processApi(Audit audit) {
        return new ProcessApi(audit);
    }

    @Bean
    ApiProblems apiProblems() {
        return new ApiProblems();
    }

    /** A body is a few fields; a mistyped one is said, and a large one is not read to its end. */
    @Bean
    Jackson2ObjectMapperBuilderCustomizer smallBodies() {
        return builder -> builder.failOnUnknownProperties(true).postConfigurer(mapper -> mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(LARGEST_BODY)
                        .maxNestingDepth(DEEPEST_BODY)
                        .build()));
    }
}
