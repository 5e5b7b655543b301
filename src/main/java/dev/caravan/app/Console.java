package dev.caravan.app;

import dev.caravan.camel.LiveRoutes;
import dev.caravan.commit.StateStore;
import dev.caravan.manage.Api;
import dev.caravan.manage.ManagedBeans;
import dev.caravan.manage.Role;
import dev.caravan.manage.StateHealth;
import dev.caravan.manage.StreamMeters;
import dev.caravan.manage.StreamsHealth;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import dev.caravan.run.Watchdog;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * What a serving process shows: Hawtio, the API, health and meters, behind a login except for the bare word that it is well.
 * Viewers look, operators steer, admins read the audit as well; Jolokia's operations are told apart by {@code RoleRestrictor}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties({ConsoleOptions.class, UsersOptions.class})
@Import(Api.class)
class Console {
    private static final String HAWTIO = "/actuator/hawtio";
    private static final String NO_PROXY = HAWTIO + "/proxy/enabled";

    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.console");

    /**
     * One login for everything. Spring Security asks for it, and Hawtio's own, which would want another on top, is off
     * ({@code hawtio.authenticationEnabled}).
     *
     * <p>A browser's session is protected against requests that other pages make in its name: Hawtio reads the token from
     * the cookie and sends it back with every call to Jolokia. A caller that brings its credential along, such as curl or
     * Prometheus, needs no token; no page can do that, because a browser is never asked for a basic credential and so has
     * none to send.
     */
    @Bean
    SecurityFilterChain consoleSecurity(HttpSecurity http, ConsoleOptions console) throws Exception {
        CsrfTokenRequestAttributeHandler plainToken = new CsrfTokenRequestAttributeHandler();
        plainToken.setCsrfRequestAttributeName(null);
        AuthenticationEntryPoint unauthorised = new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED);
        return http.authorizeHttpRequests(requests -> requests.requestMatchers(open(console))
                        .permitAll()
                        .requestMatchers(NO_PROXY)
                        .hasRole(Role.VIEWER.name())
                        // Hawtio would pass requests on to other ports of this machine.
                        .requestMatchers("/proxy/**", "/actuator/hawtio/proxy/**")
                        .denyAll()
                        .requestMatchers("/api/audit")
                        .hasRole(Role.ADMIN.name())
                        .requestMatchers(HttpMethod.GET, "/api/**")
                        .hasRole(Role.VIEWER.name())
                        .requestMatchers("/api/**")
                        .hasRole(Role.OPERATOR.name())
                        .anyRequest()
                        .hasRole(Role.VIEWER.name()))
                .formLogin(login -> login.defaultSuccessUrl("/actuator/hawtio/", true))
                .httpBasic(basic -> basic.authenticationEntryPoint(unauthorised))
                .exceptionHandling(exceptions -> exceptions
                        .defaultAuthenticationEntryPointFor(
                                (request, response, failure) ->
                                        ApiRefusals.answer(response, HttpStatus.UNAUTHORIZED, ApiRefusals.NOT_ALLOWED),
                                Console::isApi)
                        .defaultAuthenticationEntryPointFor(unauthorised, Console::isNoPage)
                        .defaultAccessDeniedHandlerFor(
                                (request, response, failure) ->
                                        ApiRefusals.answer(response, refusal(), ApiRefusals.NOT_ALLOWED),
                                Console::isApi)
                        .defaultAccessDeniedHandlerFor(
                                (request, response, failure) ->
                                        response.setStatus(refusal().value()),
                                any -> true))
                .csrf(csrf -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse())
                        .csrfTokenRequestHandler(plainToken)
                        .requireCsrfProtectionMatcher(Console::isRisky))
                .build();
    }

    /** What Hawtio asks for as it starts, and takes a missing answer for an error: plugins, other machines, a way to them. */
    @Bean
    RouterFunction<ServerResponse> hawtioHasNothingMore() {
        return RouterFunctions.route()
                .GET(HAWTIO + "/plugin", asked -> json("[]"))
                .GET(HAWTIO + "/preset-connections", asked -> json("[]"))
                .build();
    }

    private static ServerResponse json(String text) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).body(text);
    }

    /** Who is not known is asked to log in, also where it is a browser's token that is missing. */
    private static HttpStatus refusal() {
        return SecurityContextHolder.getContext().getAuthentication() == null
                ? HttpStatus.UNAUTHORIZED
                : HttpStatus.FORBIDDEN;
    }

    private static String[] open(ConsoleOptions console) {
        List<String> open =
                new ArrayList<>(List.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"));
        if (console.openMeters()) {
            open.add("/actuator/prometheus");
        }
        return open.toArray(String[]::new);
    }

    private static boolean isApi(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/api/");
    }

    /** Whether the caller is not somebody who wants to see a page, and should be told so instead of shown a form. */
    private static boolean isNoPage(HttpServletRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return accept == null || !accept.contains("text/html");
    }

    /** Whether a request may change something on the strength of a session alone. Jolokia executes on GET, too. */
    private static boolean isRisky(HttpServletRequest request) {
        if (request.getHeader(HttpHeaders.AUTHORIZATION) != null) {
            return false;
        }
        String path = request.getRequestURI();
        boolean greeting = path.endsWith("/jolokia") && request.getQueryString() == null; // Hawtio asks who is there
        boolean jolokia = path.contains("jolokia") || request.getServletPath().contains("/jolokia");
        return CsrfFilter.DEFAULT_CSRF_MATCHER.matches(request) || (jolokia && !greeting);
    }

    @Bean
    PasswordEncoder passwordEncoder() {
        return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }

    /** Not lazy: the start tells where the password is. */
    @Bean
    @Lazy(false)
    UserDetailsService users(
            ConsoleOptions console, UsersOptions named, CaravanOptions options, PasswordEncoder encoder)
            throws IOException {
        List<UserDetails> users = new ArrayList<>();
        named.users()
                .forEach((name, user) -> users.add(User.withUsername(name)
                        .password(String.valueOf(user.password()))
                        .roles(Role.named(String.valueOf(user.role())).names())
                        .build()));
        if (hasConsoleUser(console, named)) {
            users.add(User.withUsername(console.user())
                    .password(encoder.encode(password(console, options)))
                    .roles(Role.ADMIN.names())
                    .build());
        }
        return new InMemoryUserDetailsManager(users);
    }

    /** With users of its own an application needs no account that is made up, unless it is given a password. */
    private static boolean hasConsoleUser(ConsoleOptions console, UsersOptions named) {
        if (named.users().containsKey(console.user())) {
            return false;
        }
        return named.users().isEmpty()
                || (console.password() != null && !console.password().isBlank());
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
        Files.createFile(file, onlyForTheOwner(file.getFileSystem()));
        Files.writeString(file, generated + "\n", StandardCharsets.UTF_8);
        return generated;
    }

    private static FileAttribute<?>[] onlyForTheOwner(FileSystem files) {
        return files.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    @Bean(destroyMethod = "close")
    ManagedBeans managedBeans(Streams streams, Steering steering, Clock clock, CaravanOptions options) {
        return new ManagedBeans(streams, steering, clock, options.stuckAfter());
    }

    @Bean
    StreamsHealth streamsHealthIndicator(Streams streams, Clock clock, CaravanOptions options) {
        return new StreamsHealth(streams, clock, options.stuckAfter());
    }

    @Bean(destroyMethod = "close")
    Lookout lookout(Watchdog watchdog) {
        return new Lookout(watchdog);
    }

    @Bean
    Watchdog watchdog(Streams streams, Clock clock, CaravanOptions options) {
        return new Watchdog(streams, clock, options.stuckAfter());
    }

    @Bean
    StateHealth stateHealthIndicator(StateStore store) {
        return new StateHealth(store);
    }

    @Bean
    ApplicationListener<ApplicationReadyEvent> showStreams(
            Streams streams,
            ManagedBeans beans,
            Lookout lookout,
            LiveRoutes routes,
            MeterRegistry meters,
            Clock clock,
            ConsoleOptions console,
            UsersOptions named,
            CaravanOptions options) {
        return ready -> {
            streams.watch(beans);
            beans.show(routes);
            streams.watch(new StreamMeters(streams, meters, clock));
            lookout.begin();
            int port = ((ServletWebServerApplicationContext) ready.getApplicationContext())
                    .getWebServer()
                    .getPort();
            String file =
                    options.data().resolve("state").resolve("console-password").toString();
            String login = !hasConsoleUser(console, named)
                    ? "users are those of caravan.users"
                    : "user %s, the password is %s"
                            .formatted(
                                    console.user(),
                                    console.password() == null ? "in " + file : "that of caravan.console.password");
            LOG.info(
                    "Serving {} streams{}; console http://127.0.0.1:{}/actuator/hawtio, {}",
                    streams.all().size(),
                    options.sandboxMode() == SandboxMode.ALL ? " from the sandbox" : "",
                    port,
                    login);
        };
    }
}
