package dev.caravan.app;

import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Streams;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** A started application in the hands of a command. */
final class Session implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    Session(ConfigurableApplicationContext context) {
        this.context = context;
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    Streams streams() {
        return get(Streams.class);
    }

    /**
     * Returns the streams that {@code names} mean, each a stream's id or a connection's name.
     *
     * @throws UsageException if a name means nothing, or a stream that its file's mistakes disable
     */
    List<LiveStream> select(List<String> names) {
        List<LiveStream> selected = new ArrayList<>();
        for (String name : names) {
            List<LiveStream> found = streams().matching(name);
            if (found.isEmpty()) {
                throw new UsageException(unknown(name));
            }
            found.stream().filter(stream -> !selected.contains(stream)).forEach(selected::add);
        }
        return selected;
    }

    private String unknown(String name) {
        List<Problem> problems = streams().problems().stream()
                .filter(problem -> problem.stream().equals(name)
                        || problem.file().startsWith(name + ".")
                        || problem.stream().startsWith(name + "-")
                        || (problem.stream().isEmpty()
                                && name.startsWith(problem.file().split("\\.", 2)[0] + "-")))
                .toList();
        if (!problems.isEmpty()) {
            return String.join("\n", problems.stream().map(Problem::message).toList());
        }
        return "Unknown stream or connection '%s'. There are: %s"
                .formatted(
                        name,
                        String.join(
                                ", ",
                                streams().all().stream().map(LiveStream::id).toList()));
    }

    @Override
    public void close() {
        context.close();
    }
}
