package dev.caravan.app;

import dev.caravan.manage.ManagedBeans;
import dev.caravan.manage.StreamMeters;
import dev.caravan.manage.StreamsHealth;
import dev.caravan.run.Streams;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;

/** What a serving process shows: Hawtio, health and meters, behind a login except for the bare word that it is well. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(ConsoleOptions.class)
class Console {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.console");

    @Bean
    SecurityFilterChain consoleSecurity(HttpSecurity http) throws Exception {
        CsrfTokenRequestAttributeHandler plainToken = new CsrfTokenRequestAttributeHandler();
        plainToken.setCsrfRequestAttributeName(null);
        return http.authorizeHttpRequests(requests -> requests.requestMatchers("/actuator/health", "/actuator/health/*")
                        .permitAll()
                        .anyRequest()
                        .authenticated())
                .formLogin(login -> login.defaultSuccessUrl("/actuator/hawtio", false))
                .httpBasic(Customizer.withDefaults())
                // Hawtio's page reads the token from the cookie and sends it back with every call to Jolokia.
                .csrf(csrf -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse())
                        .csrfTokenRequestHandler(plainToken))
                .build();
    }

    @Bean
    PasswordEncoder passwordEncoder() {
        return new BCryptPasswordEncoder();
    }

    @Bean
    UserDetailsService users(ConsoleOptions console, CaravanOptions options, PasswordEncoder encoder)
            throws IOException {
        return new InMemoryUserDetailsManager(User.withUsername(console.user())
                .password(encoder.encode(password(console, options)))
                .roles("ADMIN")
                .build());
    }

    private static String password(ConsoleOptions console, CaravanOptions options) throws IOException {
        String chosen = console.password();
        if (chosen != null && !chosen.isBlank()) {
            return chosen;
        }
        Path file = options.data().resolve("state").resolve("console-password");
        if (Files.exists(file)) {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        }
        byte[] random = new byte[15];
        new SecureRandom().nextBytes(random);
        String generated = Base64.getUrlEncoder().encodeToString(random);
        Files.createDirectories(options.data().resolve("state"));
        Files.writeString(file, generated + "\n", StandardCharsets.UTF_8);
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        return generated;
    }

    @Bean(destroyMethod = "close")
    ManagedBeans managedBeans(Clock clock) {
        return new ManagedBeans(clock);
    }

    @Bean
    StreamsHealth streamsHealthIndicator(Streams streams) {
        return new StreamsHealth(streams);
    }

    @Bean
    ApplicationListener<ApplicationReadyEvent> showStreams(
            Streams streams,
            ManagedBeans beans,
            MeterRegistry meters,
            Clock clock,
            ConsoleOptions console,
            CaravanOptions options) {
        return ready -> {
            beans.register(streams);
            StreamMeters.bind(streams, meters, clock);
            int port = ((ServletWebServerApplicationContext) ready.getApplicationContext())
                    .getWebServer()
                    .getPort();
            String password = console.password() == null
                    ? "the password is in " + options.data().resolve("state").resolve("console-password")
                    : "the password is that of caravan.console.password";
            LOG.info(
                    "Serving {} streams{}; console http://127.0.0.1:{}/actuator/hawtio, user {}, {}",
                    streams.all().size(),
                    options.sandboxMode() == SandboxMode.ALL ? " from the sandbox" : "",
                    port,
                    console.user(),
                    password);
        };
    }
}
