package dev.caravan.sink;

import java.nio.file.Path;

/** Lets go of files of DuckDB at once, where another program would wait a second. */
public final class DuckFiles {
    private DuckFiles() {}

    /** @param url of JDBC; nothing happens unless it names a file of DuckDB */
    public static String released(String url) {
        String begin = "jdbc:duckdb:";
        if (url.startsWith(begin) && url.length() > begin.length()) {
            DuckFile.of(Path.of(url.substring(begin.length()))).release();
        }
        return url;
    }
}
