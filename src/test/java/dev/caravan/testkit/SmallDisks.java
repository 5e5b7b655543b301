package dev.caravan.testkit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * File systems of a few hundred kilobytes, which only the processes of a test see: Linux lets everybody mount some in a
 * namespace of their own, if the administrator has not forbidden it. Closing unmounts them.
 */
public final class SmallDisks implements AutoCloseable {
    private final Process keeper;

    private SmallDisks(Process keeper) {
        this.keeper = keeper;
    }

    /** Returns the namespace, or empty where the machine gives none. */
    public static Optional<SmallDisks> open() {
        try {
            // It lives as long as somebody holds its standard input.
            Process keeper = new ProcessBuilder("unshare", "-Urm", "sh", "-c", "echo ready; read -r end")
                    .redirectError(new File("/dev/null"))
                    .start();
            BufferedReader said = keeper.inputReader(StandardCharsets.UTF_8);
            if (!"ready".equals(said.readLine())) {
                keeper.destroyForcibly();
                return Optional.empty();
            }
            SmallDisks disks = new SmallDisks(keeper);
            if (disks.run(List.of("mount", "--make-rprivate", "/")) != 0) {
                disks.close();
                return Optional.empty();
            }
            return Optional.of(disks);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Makes a folder a file system of a size, such as {@code 300k}. */
    public SmallDisks mount(Path folder, String size) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return must(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "none", folder.toString()));
    }

    /** The same inside another one, where the folder is not there yet. */
    public SmallDisks mountWithin(Path folder, String size) {
        must(List.of("mkdir", "-p", folder.toString()));
        return must(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "none", folder.toString()));
    }

    /** Changes a file system: {@code size=64m}, {@code ro}, {@code rw}. */
    public SmallDisks remount(Path folder, String options) {
        return must(List.of("mount", "-o", "remount," + options, folder.toString()));
    }

    /** Returns where this process finds a folder of the namespace. */
    public Path seen(Path folder) {
        return Path.of("/proc/%d/root".formatted(keeper.pid()) + folder);
    }

    /** Returns a command that runs another one in the namespace, as the same process, in a folder. */
    List<String> command(Path folder, List<String> command) {
        List<String> all = new ArrayList<>(List.of(
                "nsenter", "-t", Long.toString(keeper.pid()), "-U", "-m", "--preserve-credentials", "sh", "-c"));
        all.addAll(List.of("cd \"$0\" && exec \"$@\"", folder.toString()));
        all.addAll(command);
        return all;
    }

    private SmallDisks must(List<String> command) {
        if (run(command) != 0) {
            throw new IllegalStateException("Failed: " + String.join(" ", command));
        }
        return this;
    }

    private int run(List<String> command) {
        try {
            return new ProcessBuilder(command(Path.of("/"), command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during " + command, e);
        }
    }

    @Override
    public void close() {
        try (OutputStream end = keeper.getOutputStream()) {
            end.write('\n');
        } catch (IOException e) {
            keeper.destroyForcibly();
        }
    }
}
