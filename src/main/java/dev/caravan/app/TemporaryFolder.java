package dev.caravan.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds a place for what libraries unpack, where the usual one cannot be written to, as in a read-only container. */
final class TemporaryFolder {
    private static final String DATA = "--caravan.data=";

    private TemporaryFolder() {}

    /** Points the JVM to a folder below {@code data} if its own is not writable. */
    static void ensure(List<String> settings) {
        if (Files.isWritable(Path.of(System.getProperty("java.io.tmpdir")))) {
            return;
        }
        String data = settings.stream()
                .filter(setting -> setting.startsWith(DATA))
                .map(setting -> setting.substring(DATA.length()))
                .findFirst()
                .orElseGet(() -> System.getenv().getOrDefault("CARAVAN_DATA", "data"));
        Path folder = Path.of(data).resolve("state").resolve("tmp").toAbsolutePath();
        try {
            Files.createDirectories(folder);
            System.setProperty("java.io.tmpdir", folder.toString());
        } catch (IOException e) {
            throw new UsageException("Neither %s nor %s can be written to: %s"
                    .formatted(System.getProperty("java.io.tmpdir"), folder, e.getMessage()));
        }
    }
}
