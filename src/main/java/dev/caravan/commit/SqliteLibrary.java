package dev.caravan.commit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Loads SQLite's native library. The driver would unpack it itself, and then compare what it wrote byte by byte, which is a
 * seventh of a start. Where this fails the driver does it its own way.
 */
final class SqliteLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);
    private static final String PATH = "org.sqlite.lib.path";

    private static boolean tried;

    private SqliteLibrary() {}

    /** Loads it, the first time. */
    static synchronized void load() {
        if (tried || System.getProperty(PATH) != null) {
            return;
        }
        tried = true;
        String name = LibraryLoaderUtil.getNativeLibName();
        try (InputStream library =
                SqliteLibrary.class.getResourceAsStream(LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name)) {
            if (library != null) {
                load(library, name);
            }
        } catch (Exception e) {
            LOG.debug("SQLite's library is left to its driver", e);
        }
    }

    private static void load(InputStream library, String name) throws Exception {
        Path folder = Files.createTempDirectory("caravan-sqlite");
        Path file = folder.resolve(name);
        try {
            Files.copy(library, file);
            System.setProperty(PATH, folder.toString());
            SQLiteJDBCLoader.initialize();
        } finally {
            System.clearProperty(PATH);
            discard(file);
            discard(folder);
        }
    }

    /** Once it is loaded nobody needs the file; Windows keeps it until the end. */
    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
