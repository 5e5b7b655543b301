package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a vendor file says of a connection or a stream is compared with what it said before: is it still the same? */
final class EqualSettings {
    private EqualSettings() {}

    @ArchTest
    static void settingsThatSayTheSameAreEqual(JavaClasses all) throws NoSuchMethodException {
        Set<String> withoutEquality = new TreeSet<>();
        Set<Class<?>> seen = new LinkedHashSet<>(List.of(Connection.class, Stream.class));
        Deque<Class<?>> left = new ArrayDeque<>(seen);
        while (!left.isEmpty()) {
            Class<?> settings = left.remove();
            Set<Class<?>> parts = new LinkedHashSet<>();
            if (settings.isRecord()) {
                for (RecordComponent component : settings.getRecordComponents()) {
                    collect(component.getGenericType(), parts);
                    if (neverEqual(component.getType())) {
                        withoutEquality.add(settings.getName() + "." + component.getName());
                    }
                }
            } else if (settings.isInterface()) {
                all.get(settings).getAllSubclasses().forEach(each -> parts.add(each.reflect()));
            } else if (settings.getMethod("equals", Object.class).getDeclaringClass() == Object.class) {
                withoutEquality.add(settings.getName());
            }
            parts.stream()
                    .filter(each -> each.getName().startsWith("dev.caravan"))
                    .filter(seen::add)
                    .forEach(left::add);
        }
        assertThat(seen).hasSizeGreaterThan(30);
        assertThat(withoutEquality).isEmpty();
    }

    private static boolean neverEqual(Class<?> type) {
        return type.isArray() || type == Pattern.class || type.getName().startsWith("java.util.function.");
    }

    private static void collect(Type type, Set<Class<?>> into) {
        if (type instanceof ParameterizedType generic) {
            for (Type argument : generic.getActualTypeArguments()) {
                collect(argument, into);
            }
        } else if (type instanceof Class<?> plain) {
            into.add(plain);
        }
    }
}
