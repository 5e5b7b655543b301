package dev.caravan.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine this process runs on. */
public final class Machine {
    private static final Path LINUX = Path.of("/proc/sys/kernel/hostname");

    private Machine() {}

    /** Returns the name it goes by, as its operating system says it. */
    public static String name() {
        try {
            if (Files.isReadable(LINUX)) {
                return Files.readString(LINUX).strip();
            }
        } catch (IOException e) {
            return "unknown";
        }
        String windows = System.getenv("COMPUTERNAME");
        String others = System.getenv("HOSTNAME");
        return windows != null ? windows : others != null ? others : "unknown";
    }
}
