package dev.caravan.page;

import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private final Parameters query;
    private final Map<String, Template> headers = new LinkedHashMap<>();
    private final @Nullable BodyTemplate body;
    private final @Nullable Parameters form;

    /** @throws IllegalArgumentException if an expression does not exist or a value has no form where it stands */
    public RequestTemplate(RequestSettings settings) {
        method = settings.method();
        path = Template.parse(settings.path());
        String address = settings.url();
        url = address == null ? null : Template.parse(address);
        query = new Parameters("query", settings.query(), settings.lists());
        settings.headers().forEach((name, value) -> headers.put(name, Template.parse(value)));
        Object content = settings.body();
        body = content == null ? null : new BodyTemplate(content);
        Map<String, Object> fields = settings.form();
        form = fields == null ? null : new Parameters("form", fields, settings.lists());
    }

    /**
     * Checks that every expression will have a value, for the time of loading.
     *
     * @throws IllegalArgumentException naming the expression that will not
     */
    public void check(Known known) {
        texts().forEach(each -> each.check(known));
        query.check(known);
        if (body != null) {
            body.check(known);
        }
        if (form != null) {
            form.check(known);
        }
    }

    private Stream<Template> texts() {
        return Stream.of(Stream.of(path), Stream.ofNullable(url), headers.values().stream())
                .flatMap(each -> each);
    }

    /** Returns the paths of the answer before whose values it asks with. */
    public Set<String> answers() {
        return names("answer");
    }

    /** Returns the paths of a record whose values it asks with. */
    Set<String> records() {
        return names("record");
    }

    private Set<String> names(String root) {
        return Stream.of(
                        texts().flatMap(Template::expressions),
                        query.expressions(),
                        Stream.ofNullable(body).flatMap(BodyTemplate::expressions),
                        Stream.ofNullable(form).flatMap(Parameters::expressions))
                .flatMap(each -> each)
                .filter(each -> each.root().equals(root))
                .map(Expression::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Returns the request for the page of {@code context}. Where a page's token goes is the pagination's business.
     *
     * @param base the connection's address
     * @param usual headers of the connection; the stream's own win
     */
    public Request render(URI base, Map<String, String> usual, RenderContext context) {
        URI start = url == null
                ? base
                : Uris.resolve(base, Uris.parse(whole(url, context, "url", (expression, value) -> value)));
        String segments = whole(path, context, "path", RequestTemplate::encoded);
        Request request = new Request(method, joined(start, segments, context), usual, null);
        for (Map.Entry<String, Template> each : headers.entrySet()) {
            Optional<String> value = each.getValue().render(context);
            if (value.isPresent()) {
                request = request.withHeader(each.getKey(), value.get());
            }
        }
        if (form != null) {
            return typed(request, "application/x-www-form-urlencoded")
                    .withBody(form.render(context).getBytes(StandardCharsets.UTF_8));
        }
        if (body == null) {
            return request;
        }
        String text = body.textType();
        return typed(request, text == null ? "application/json" : text).withBody(body.render(context));
    }

    /** Returns {@code request} with a type of its content, unless it names one itself. */
    private static Request typed(Request request, String type) {
        boolean typed = request.headers().keySet().stream().anyMatch("content-type"::equalsIgnoreCase);
        return typed ? request : request.withHeader("Content-Type", type);
    }

    private URI joined(URI start, String segments, RenderContext context) {
        String raw = start.toString();
        int mark = raw.indexOf('?');
        String before = mark < 0 ? raw : raw.substring(0, mark);
        String slashless = before.endsWith("/") ? before.substring(0, before.length() - 1) : before;
        String whole = segments.isEmpty() ? before : slashless + (segments.startsWith("/") ? "" : "/") + segments;
        String parameters = Stream.concat(
                        Stream.ofNullable(start.getRawQuery()),
                        Stream.of(query.render(context)).filter(each -> !each.isEmpty()))
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
