package dev.caravan.manage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.run.Act;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed what: {@code audit.ndjson}, a JSON object a line, and the same in the log. When it has eight megabytes it becomes
 * {@code audit.1.ndjson}, and so on; the fifth goes. Safe for any number of threads of one process.
 */
public final class Audit implements Consumer<Act> {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.audit");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LARGEST = 8L << 20;
    private static final int FILES = 4;
    private static final int LONGEST = 2_000;

    private final Path folder;
    private final long largest;

    /** @param folder where the files are, created when missing */
    public Audit(Path folder) {
        this(folder, LARGEST);
    }

    Audit(Path folder, long largest) {
        this.folder = folder;
        this.largest = largest;
    }

    @Override
    public synchronized void accept(Act act) {
        LOG.info(
                "{} {} {}: {} -> {}",
                act.by(),
                act.action(),
                oneLine(act.target()),
                oneLine(act.before()),
                oneLine(act.after()));
        try {
            Files.createDirectories(folder);
            if (Files.exists(file(0)) && Files.size(file(0)) >= largest) {
                turn();
            }
            Files.writeString(
                    file(0),
                    line(act) + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file(0), e);
        }
    }

    /** Returns the latest lines, newest first. */
    synchronized List<String> latest(int most) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i <= FILES && lines.size() < most; i++) {
            if (Files.exists(file(i))) {
                try {
                    List<String> all = new ArrayList<>(Files.readAllLines(file(i), StandardCharsets.UTF_8));
                    Collections.reverse(all);
                    all.stream().limit(most - lines.size()).forEach(lines::add);
                } catch (IOException e) {
                    throw new UncheckedIOException("Cannot read " + file(i), e);
                }
            }
        }
        return lines;
    }

    private void turn() throws IOException {
        for (int i = FILES - 1; i >= 0; i--) {
            if (Files.exists(file(i))) {
                Files.move(file(i), file(i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path file(int age) {
        return folder.resolve(age == 0 ? "audit.ndjson" : "audit." + age + ".ndjson");
    }

    private static String line(Act act) throws JsonProcessingException {
        ObjectNode line = JSON.createObjectNode();
        line.put("at", act.at().toString());
        line.put("by", bounded(act.by().name()));
        line.put("via", act.by().via());
        line.put("action", act.action());
        line.put("target", bounded(act.target()));
        line.put("before", bounded(act.before()));
        line.put("after", bounded(act.after()));
        return JSON.writeValueAsString(line);
    }

    private static String oneLine(String text) {
        return bounded(text).replaceAll("\\p{Cntrl}+", " ");
    }

    private static String bounded(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
