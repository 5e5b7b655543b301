package dev.caravan.lake;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Files of a disk: forced to it, named by hard links where there are any, and moved by renaming. */
final class LocalLake implements Lake {
    private final Path data;

    LocalLake(Path data) {
        this.data = data;
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public String name(Path place) {
        return place.toString();
    }

    @Override
    public boolean exists(Path place) {
        return Files.exists(place);
    }

    @Override
    public InputStream open(Path place) throws IOException {
        return Files.newInputStream(place);
    }

    @Override
    public byte[] read(Path place) throws IOException {
        return Files.readAllBytes(place);
    }

    @Override
    public Copy copy(Path place) throws IOException {
        if (!Files.exists(place)) {
            throw new NoSuchFileException(place.toString());
        }
        return new Copy(place, null);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public List<Path> visible(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path child : list(folder)) {
            if (Lake.isVisible(folder.relativize(child))) {
                try (Stream<Path> all = Files.walk(child)) {
                    all.filter(Files::isRegularFile)
                            .filter(file -> Lake.isVisible(folder.relativize(file)))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    @Override
    public Set<Path> writtenBefore(Path folder, Instant oldest) throws IOException {
        Set<Path> old = new HashSet<>();
        FileTime time = FileTime.from(oldest);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Iterator<Path> each = files.filter(Files::isRegularFile).iterator(); each.hasNext(); ) {
                Path file = each.next();
                if (Files.getLastModifiedTime(file).compareTo(time) < 0) {
                    old.add(file);
                }
            }
        } catch (NoSuchFileException e) {
            return Set.of();
        }
        return old;
    }

    @Override
    public boolean create(Path place, byte[] bytes) throws IOException {
        Path folder = Folders.above(place);
        Folders.create(folder);
        Path whole = temporary(folder);
        try {
            write(whole, bytes);
            boolean created = giveName(whole, place);
            Folders.sync(folder);
            return created;
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private static Path temporary(Path folder) {
        return folder.resolve("." + UUID.randomUUID() + ".tmp");
    }

    /** Gives the whole file its name if that is free. */
    private static boolean giveName(Path whole, Path target) throws IOException {
        try {
            Files.createLink(target, whole);
            return true;
        } catch (FileAlreadyExistsException e) {
            // A server whose answer was lost is asked again, and finds the link that it has just made.
            return Files.isSameFile(whole, target);
        } catch (NoSuchFileException e) {
            // A recovery that slept and takes itself for the latest has tidied it up. The next round sees who is.
            return false;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // No hard links here, so this is a disk of this machine. The stream's lock keeps other processes out, and
            // its log is the process's only one.
            if (Files.exists(target)) {
                return false;
            }
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    /** Of two links of one name only one is made, also between machines that share a file system. */
    @Override
    public void requireCreatesOnce(Path folder) throws IOException {
        Path file = temporary(folder);
        Path link = temporary(folder);
        Files.createFile(file);
        try {
            Files.createLink(link, file);
            Files.delete(link);
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new PullException(
                    Remedy.STOP,
                    "%s makes no hard links (%s), so nothing keeps two machines from committing at once. Point caravan.data to a file system that does, such as NFS or a disk of this machine."
                            .formatted(folder, e),
                    e);
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public Optional<Path> anyOf(List<Path> places) {
        return places.stream().filter(Files::exists).findFirst();
    }

    @Override
    public void stage(List<Path> places) {
        // They lie there, and whoever wrote them has forced them to the disk.
    }

    @Override
    public boolean keepNames(Path staging, Path top) throws IOException {
        if (!Files.isDirectory(staging)) {
            return false;
        }
        Folders.sync(staging);
        for (Path below = staging; !below.equals(top); below = Folders.above(below)) {
            Folders.sync(Folders.above(below));
        }
        return true;
    }

    @Override
    public List<Moved> move(List<Move> files) throws IOException {
        List<Moved> moved = new ArrayList<>();
        for (Move each : files) {
            moved.add(moveOne(each.staged(), each.place()));
        }
        return moved;
    }

    private static Moved moveOne(Path staged, Path place) throws IOException {
        try {
            if (Files.exists(staged)) {
                Folders.create(Folders.above(place));
                Files.move(staged, place, StandardCopyOption.ATOMIC_MOVE);
                return Moved.NOW;
            }
        } catch (NoSuchFileException e) {
            // Somebody else moved it in between; then it is in place, which is looked at next.
        }
        return Files.exists(place) ? Moved.BEFORE : Moved.NOWHERE;
    }

    @Override
    public boolean delete(Path place) throws IOException {
        return Files.deleteIfExists(place);
    }

    @Override
    public int deleteAll(Path top) throws IOException {
        return Folders.deleteAll(top);
    }

    @Override
    public void deleteIfEmpty(Path folder) throws IOException {
        Folders.deleteIfEmpty(folder);
    }

    @Override
    public void settle(Path folder, Path top) throws IOException {
        Folders.sync(Folders.deleteEmpty(folder, top));
    }
}
