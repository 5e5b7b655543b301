package dev.caravan.page;

import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of a stream. Values never leave their place: in a path they are one segment, in a query one value.
 * Immutable; safe for any number of threads.
 */
public final class RequestTemplate {
    private final String method;
    private final Template path;
    private final @Nullable Template url;
    private final List<Parameter> query = new ArrayList<>();
    private final Map<String, Template> headers = new LinkedHashMap<>();
    private final @Nullable BodyTemplate body;

    /** @param listed whether the file gives a list of values, each of which repeats the name */
    private record Parameter(String name, Template value, boolean listed) {
        Stream<String> values(RenderContext context) {
            Optional<List<Object>> members = listed ? value.list(context) : Optional.empty();
            return members.isPresent() ? members.get().stream().map(Object::toString) : value.render(context).stream();
        }
    }

    /** @throws IllegalArgumentException if an expression does not exist or a parameter is not a scalar or a list of them */
    public RequestTemplate(RequestSettings settings) {
        method = settings.method();
        path = Template.parse(settings.path());
        String address = settings.url();
        url = address == null ? null : Template.parse(address);
        settings.query().forEach((name, value) -> {
            for (Object each : value instanceof List<?> list ? list : Collections.singletonList(value)) {
                if (each == null || each instanceof Map || each instanceof List) {
                    throw new IllegalArgumentException(
                            "query: '%s' is not a text, a number, true, false or a list of them".formatted(name));
                }
                query.add(new Parameter(name, Template.parse(each.toString()), value instanceof List));
            }
        });
        settings.headers().forEach((name, value) -> headers.put(name, Template.parse(value)));
        Object content = settings.body();
        body = content == null ? null : new BodyTemplate(content);
    }

    /**
     * Checks that every expression will have a value, for the time of loading.
     *
     * @param partitionFields fields of the stream's partitions
     * @param vars names of the values given to the run
     * @throws IllegalArgumentException naming the expression that will not
     */
    public void check(Collection<String> partitionFields, Collection<String> vars) {
        Stream.of(
                        Stream.of(path),
                        Stream.ofNullable(url),
                        query.stream().map(Parameter::value),
                        headers.values().stream())
                .flatMap(each -> each)
                .forEach(each -> each.check(partitionFields, vars));
        if (body != null) {
            body.check(partitionFields, vars);
        }
    }

    /**
     * Returns the request for the page of {@code context}. Where a page's token goes is the pagination's business.
     *
     * @param base the connection's address
     * @param usual headers of the connection; the stream's own win
     */
    public Request render(URI base, Map<String, String> usual, RenderContext context) {
        URI start = url == null ? base : Uris.parse(whole(url, context, "url", (expression, value) -> value));
        String segments = whole(path, context, "path", RequestTemplate::encoded);
        Request request = new Request(method, joined(start, segments, context), usual, null);
        for (Map.Entry<String, Template> each : headers.entrySet()) {
            Optional<String> value = each.getValue().render(context);
            if (value.isPresent()) {
                request = request.withHeader(each.getKey(), value.get());
            }
        }
        if (body == null) {
            return request;
        }
        boolean typed = request.headers().keySet().stream().anyMatch("content-type"::equalsIgnoreCase);
        if (!typed && body.isJson()) {
            request = request.withHeader("Content-Type", "application/json");
        }
        return request.withBody(body.render(context));
    }

    private URI joined(URI start, String segments, RenderContext context) {
        String raw = start.toString();
        int mark = raw.indexOf('?');
        String before = mark < 0 ? raw : raw.substring(0, mark);
        String slashless = before.endsWith("/") ? before.substring(0, before.length() - 1) : before;
        String whole = segments.isEmpty() ? before : slashless + (segments.startsWith("/") ? "" : "/") + segments;
        String parameters = Stream.concat(
                        Stream.ofNullable(start.getRawQuery()), query.stream().flatMap(each -> each.values(context)
                                .map(value -> Uris.encodeQuery(each.name()) + "=" + Uris.encodeQuery(value))))
                .collect(Collectors.joining("&"));
        return Uris.withRawQuery(Uris.parse(whole), parameters);
    }

    private static String whole(
            Template template, RenderContext context, String setting, BiFunction<Expression, String, String> encoding) {
        return template.render(context, encoding, false)
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s: '%s' has an expression without value".formatted(setting, template)));
    }

    private static String encoded(Expression expression, String value) {
        String[] segments = expression.path() ? value.split("/", -1) : new String[] {value};
        for (String segment : segments) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException(
                        "path: the value of %s may not be '%s'".formatted(expression, segment));
            }
        }
        return Stream.of(segments).map(Uris::encodeSegment).collect(Collectors.joining("/"));
    }
}
