package dev.caravan.camel;

import dev.caravan.connection.Redaction;
import dev.caravan.definition.VendorFile.Problem;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.LineNumberAware;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * What Camel says of a file, as we say it: with the file and, where it can be told, the line before it, and without secrets that
 * an address in it may have.
 */
final class Mistakes {
    private static final Pattern SOURCE = Pattern.compile("\\.camel\\.yaml:(\\d+)");
    private static final Pattern MARK = Pattern.compile("line:? (\\d+)");
    private static final Pattern STEP = Pattern.compile(">>> (.*) <<< in route", Pattern.DOTALL);
    private static final int LONGEST = 600;

    private Mistakes() {}

    static Problem of(String file, String stream, Throwable failure) {
        Integer line = line(failure);
        String cause = Redaction.BY_NAME.text(text(failure));
        return new Problem(
                file,
                stream,
                "%s%s: %s%s"
                        .formatted(
                                file,
                                line == null ? "" : ":" + line,
                                stream.isEmpty() ? "" : "stream '" + stream + "': ",
                                cause.length() <= LONGEST ? cause : cause.substring(0, LONGEST) + "…"));
    }

    /** Returns the line that the message of a problem names. */
    static Optional<Integer> line(Problem problem) {
        Matcher place =
                Pattern.compile(Pattern.quote(problem.file()) + ":(\\d+)").matcher(problem.message());
        if (place.find()) {
            return Optional.of(Integer.valueOf(place.group(1)));
        }
        Matcher mark = MARK.matcher(problem.message());
        return mark.find() ? Optional.of(Integer.valueOf(mark.group(1))) : Optional.empty();
    }

    /** Returns the failure with the line of the step that could not be made, which is looked for among those that were to be. */
    static Throwable located(Throwable failure, List<RouteDefinition> routes) {
        for (Throwable each = failure; each != null && each.getCause() != each; each = each.getCause()) {
            if (each instanceof FailedToCreateRouteException route) {
                Matcher step = STEP.matcher(String.valueOf(each.getMessage()));
                String failed = step.find() ? step.group(1) : "";
                Optional<String> place = routes.stream()
                        .filter(one -> String.valueOf(route.getRouteId()).equals(one.getId()))
                        .flatMap(one -> place(one, failed).or(() -> place(one.getInput())).stream())
                        .findFirst();
                if (place.isPresent()) {
                    return new FailedToCreateRouteException(route.getRouteId(), place.get(), "", "", failure);
                }
            }
        }
        return failure;
    }

    private static Optional<String> place(ProcessorDefinition<?> parent, String step) {
        for (ProcessorDefinition<?> child : parent.getOutputs()) {
            Optional<String> found = child.toString().equals(step) ? place(child) : place(child, step);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> place(@Nullable LineNumberAware part) {
        return part == null || part.getLocation() == null
                ? Optional.empty()
                : Optional.of(part.getLocation() + ":" + part.getLineNumber());
    }

    private static @Nullable Integer line(Throwable failure) {
        Integer line = null;
        for (Throwable each = failure; each != null && each.getCause() != each; each = each.getCause()) {
            String location = each instanceof FailedToCreateRouteException route ? route.getLocation() : null;
            for (String text : new String[] {location, each.getMessage()}) {
                Matcher source = SOURCE.matcher(text == null ? "" : text);
                Matcher mark = MARK.matcher(text == null ? "" : text);
                if (source.find()) {
                    line = Integer.valueOf(source.group(1));
                } else if (line == null && mark.find()) {
                    line = Integer.valueOf(mark.group(1));
                }
            }
        }
        return line;
    }

    /** Camel says most at the bottom; on the way there it prints the whole route. */
    private static String text(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null
                && deepest.getCause() != deepest
                && !saysMore(deepest.getMessage(), deepest.getCause().getMessage())) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return (message == null ? deepest.getClass().getSimpleName() : message)
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** A message that only goes on where its cause ends, with the place in an expression, say. */
    private static boolean saysMore(@Nullable String message, @Nullable String cause) {
        return message != null && cause != null && message.length() > cause.length() && message.startsWith(cause);
    }
}
