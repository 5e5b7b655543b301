package dev.caravan;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/** The rooms, and what each may use. */
@AnalyzeClasses(packages = "dev.caravan", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** Here, so that the classes are read once. */
    @ArchTest
    static final ArchTests settings = ArchTests.in(EqualSettings.class);

    private static final String OURS = "dev.caravan.";
    /** The package of {@link Connection} and {@link Stream}, which has no name of its own. */
    private static final String SETTINGS = "settings";

    private static final Set<String> STOPS = Set.of(
            "connection", "slice", "page", "record", "batch", "sink", "lake", "commit", "secret", "failure", "json");

    private static final String[] STOP_PACKAGES =
            STOPS.stream().map(stop -> OURS + stop + "..").toArray(String[]::new);

    /**
     * The rooms that a room may use, or single classes of one. {@code failure} and {@code json} come on top, for all but
     * the sandbox: how an answer is parsed strictly, and where something is in it, is nobody's stop and everybody's need.
     */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            entry("failure", Set.of()),
            entry("json", Set.of()),
            entry("slice", Set.of()),
            entry("lake", Set.of()),
            entry("secret", Set.of()),
            // The way people write a time: quotas and timeouts are written like windows. What tokens are kept in.
            entry("connection", Set.of("slice.Span", "secret")),
            entry("page", Set.of("connection", "slice")),
            // A cursor is read from a record as it is written into a request.
            entry("record", Set.of("slice.CursorFormat")),
            entry("batch", Set.of("record")),
            // A sink writes records, in their form. The age of a batch is written like other times.
            entry("sink", Set.of("batch", "record", "slice.Span")),
            // What a commit lists, path, rows and hash, the same way to take that hash again, and where its rows go.
            entry(
                    "commit",
                    Set.of(
                            "slice",
                            "lake",
                            "batch.SealedFile",
                            "batch.Portion",
                            "batch.Sha256",
                            "batch.Delivery",
                            "batch.Landed")),
            // What a vendor file says of each stop is bound to that stop's own settings.
            entry(SETTINGS, Set.of("connection", "slice", "page", "record", "sink.SinkSettings")),
            // Checks each part of a file with the settings it binds.
            entry("definition", Set.of(SETTINGS, "connection", "slice", "page", "record")),
            entry(
                    "run",
                    Set.of(
                            "definition",
                            SETTINGS,
                            "connection",
                            "secret",
                            "slice",
                            "page",
                            "record",
                            "batch",
                            "sink",
                            "lake",
                            "commit")),
            entry(
                    "camel",
                    Set.of(
                            "run",
                            "definition",
                            SETTINGS,
                            "connection",
                            "slice",
                            "page",
                            "record",
                            "batch",
                            "sink",
                            "commit")),
            entry("manage", Set.of("camel", "run", "definition", SETTINGS, "connection", "slice", "commit")),
            entry("sandbox", Set.of()),
            entry(
                    "app",
                    Set.of(
                            "manage",
                            "secret",
                            "camel",
                            "run",
                            "definition",
                            SETTINGS,
                            "connection",
                            "slice",
                            "page",
                            "record",
                            "batch",
                            "sink",
                            "lake",
                            "commit",
                            "sandbox")));

    /** Public though no other room names them. */
    private static final Set<String> PUBLIC_FOR_OTHERS = Set.of(
            // The manifest and JMX find these by name.
            "dev.caravan.app.Caravan",
            "dev.caravan.manage.ConnectionMXBean",
            "dev.caravan.manage.FilesMXBean",
            "dev.caravan.manage.StreamMXBean",
            "dev.caravan.manage.KindsOfBeans",
            "dev.caravan.manage.RoleRestrictor",
            // ServiceLoader does, and whoever adds a sink.
            "dev.caravan.sink.SinkType",
            "dev.caravan.sink.bigquery.BigQuerySinkType",
            "dev.caravan.sink.CamelSinkType",
            "dev.caravan.sink.FileSinkType",
            "dev.caravan.sink.DuckSinkType",
            "dev.caravan.sink.JdbcSinkType");

    @ArchTest
    static final ArchRule stopsKnowNeitherCamelNorSpring = noClasses()
            .that()
            .resideInAnyPackage(STOP_PACKAGES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel..", "org.springframework..");

    @ArchTest
    static final ArchRule noOtherRoomThanCamelAndAppKnowsCamel = noClasses()
            .that()
            .resideInAnyPackage(OURS + "run..", OURS + "definition..", "dev.caravan", OURS + "sandbox..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.camel..");

    @ArchTest
    static final ArchRule everyRoomUsesOnlyWhatItMay = classes().should(useOnlyWhatTheirRoomMay());

    @ArchTest
    static final ArchRule onlyAppUsesTheSandbox = noClasses()
            .that()
            .resideOutsideOfPackages(OURS + "app..", OURS + "sandbox..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OURS + "sandbox..");

    @ArchTest
    static final ArchRule theSandboxUsesNothingOfOurs = noClasses()
            .that()
            .resideInAPackage(OURS + "sandbox..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.caravan..")
                    .and(DescribedPredicate.not(resideInAPackage(OURS + "sandbox.."))));

    @ArchTest
    static final ArchRule roomsFormNoCycle =
            slices().matching("dev.caravan.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheConsoleWritesToTheTerminal = noClasses()
            .that()
            .resideOutsideOfPackage(OURS + "app..")
            .should(ACCESS_STANDARD_STREAMS)
            .orShould(USE_JAVA_UTIL_LOGGING);

    @ArchTest
    static final ArchRule onlyWhatAnotherRoomNeedsIsPublic = classes()
            .that()
            .haveModifier(JavaModifier.PUBLIC)
            .and()
            .areTopLevelClasses()
            .and()
            .areNotAssignableTo(Throwable.class) // promised by those who throw them
            .should(beUsedFromAnotherPackage());

    @ArchTest
    static void everyPackageSaysWhatIsNull(JavaClasses all) throws ClassNotFoundException {
        Set<String> packages = new HashSet<>();
        all.forEach(each -> packages.add(each.getPackageName()));
        for (String each : packages) {
            assertThat(Class.forName(each + ".package-info").isAnnotationPresent(NullMarked.class))
                    .as("@NullMarked in %s", each)
                    .isTrue();
        }
    }

    @ArchTest
    static void everyRoomIsListed(JavaClasses all) {
        Set<String> rooms = new HashSet<>();
        all.forEach(each -> rooms.add(room(each)));
        assertThat(rooms).isEqualTo(MAY_USE.keySet());
    }

    @ArchTest
    static void routesNameNoClassOfOursButSettingsAndFailures(JavaClasses all) throws IOException {
        Pattern name = Pattern.compile("dev\\.caravan\\.[\\w.]*\\w");
        try (var files = Files.walk(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher names = name.matcher(Files.readString(file));
                while (names.find()) {
                    assertThat(List.of(Connection.class.getName(), Stream.class.getName())
                                            .contains(names.group())
                                    || (all.get(names.group()).getPackageName().equals(OURS + "failure")
                                            && all.get(names.group()).isAssignableTo(Exception.class)))
                            .as("%s names %s", file, names.group())
                            .isTrue();
                }
            }
        }
    }

    private static ArchCondition<JavaClass> useOnlyWhatTheirRoomMay() {
        return new ArchCondition<>("use only what their room may") {
            @Override
            public void check(JavaClass user, ConditionEvents events) {
                for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                    JavaClass used = dependency.getTargetClass().getBaseComponentType();
                    if (used.getName().startsWith(OURS) && !may(user, used)) {
                        events.add(SimpleConditionEvent.violated(user, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static boolean may(JavaClass user, JavaClass used) {
        String from = room(user);
        String to = room(used);
        Set<String> allowed = MAY_USE.getOrDefault(from, Set.of());
        boolean leaf =
                !from.equals("sandbox") && (to.equals("failure") || (to.equals("json") && !from.equals("failure")));
        return from.equals(to)
                || leaf
                || allowed.contains(to)
                || allowed.stream().anyMatch(each -> (used.getName() + "$").startsWith(OURS + each + "$"));
    }

    private static String room(JavaClass of) {
        String name = of.getPackageName();
        return name.length() < OURS.length()
                ? SETTINGS
                : name.substring(OURS.length()).split("\\.", 2)[0];
    }

    private static ArchCondition<JavaClass> beUsedFromAnotherPackage() {
        return new ArchCondition<>("be used from another package, or be part of what is") {
            @Override
            public void check(JavaClass each, ConditionEvents events) {
                if (!PUBLIC_FOR_OTHERS.contains(each.getName())
                        && !isUsedOutside(each)
                        && !isInAPublicSignature(each)) {
                    events.add(SimpleConditionEvent.violated(
                            each, each.getName() + " is public, though only its own package uses it"));
                }
            }
        };
    }

    private static boolean isUsedOutside(JavaClass each) {
        return each.getPackage().getClasses().stream()
                .filter(type -> (type.getName() + "$").startsWith(each.getName() + "$"))
                .flatMap(type -> type.getDirectDependenciesToSelf().stream())
                .anyMatch(dependency ->
                        !dependency.getOriginClass().getPackageName().equals(each.getPackageName()));
    }

    private static boolean isInAPublicSignature(JavaClass each) {
        return each.getPackage().getClasses().stream()
                .filter(type -> type != each && type.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC)
                        || method.getOwner().isInterface())
                .anyMatch(method -> method.getAllInvolvedRawTypes().contains(each));
    }
}
