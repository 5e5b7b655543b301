package dev.caravan.testkit;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The disk below, which can be told to fail at its how manyeth change: creating, writing, forcing, linking, moving or deleting a
 * file. From then on every change fails, as for a process that was killed there: nothing it would tidy up is tidied up. Reading
 * goes on, and so do the names of files, which other programs in this process are given. Safe for any number of threads.
 */
public final class FailingFiles {
    /** What happens to the change that fails. */
    public enum Mode {
        /** It is not made. */
        BEFORE,
        /** It is made, and nobody hears of it. */
        AFTER
    }

    private final FileSystem below;
    private final Disk disk = new Disk();
    private final Provider provider = new Provider();
    private long changes;
    private long failing = Long.MAX_VALUE;
    private Mode mode = Mode.BEFORE;
    private String message = "killed";

    private FailingFiles(FileSystem below) {
        this.below = below;
    }

    /** Returns the disk that a folder is on. */
    public static FailingFiles over(Path folder) {
        return new FailingFiles(folder.getFileSystem());
    }

    /** Returns a folder, seen through this. */
    public Path path(Path real) {
        return new Seen(real);
    }

    /** Fails at the {@code number}th change from now on, and at all that follow. */
    public synchronized void failAt(long number, Mode how, String why) {
        changes = 0;
        failing = number;
        mode = how;
        message = why;
    }

    /** Returns how many changes were made or tried since the last {@link #failAt}. */
    public synchronized long changes() {
        return changes;
    }

    public synchronized boolean hasFailed() {
        return changes >= failing;
    }

    /** Something that is made, and may fail. */
    public interface Change<T> {
        T make() throws IOException;
    }

    /** Returns what a folder is seen through; empty for one of the disk itself. */
    public static Optional<FailingFiles> of(Path folder) {
        return folder.getFileSystem() instanceof Disk disk ? Optional.of(disk.files()) : Optional.empty();
    }

    /** Makes a change of something else that is to fail as those of the disk do, and is counted with them. */
    public <T> T change(Change<T> change) throws IOException {
        long number;
        synchronized (this) {
            changes++;
            number = changes;
        }
        if (number > failing || (number == failing && mode == Mode.BEFORE)) {
            throw new IOException(message);
        }
        T made = change.make();
        if (number == failing) {
            if (made instanceof AutoCloseable open) {
                try {
                    open.close();
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }
            throw new IOException(message);
        }
        return made;
    }

    private Path real(Path seen) {
        if (seen instanceof Seen path) {
            return path.real;
        }
        throw new ProviderMismatchException(seen.toString());
    }

    private final class Disk extends FileSystem {
        FailingFiles files() {
            return FailingFiles.this;
        }

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return below.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return below.getRootDirectories();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return below.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return below.supportedFileAttributeViews();
        }

        @Override
        public Path getPath(String first, String... more) {
            return new Seen(below.getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            PathMatcher matcher = below.getPathMatcher(pattern);
            return path -> matcher.matches(real(path));
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return below.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }

    private final class Provider extends FileSystemProvider {
        private FileSystemProvider under() {
            return below.provider();
        }

        @Override
        public String getScheme() {
            return "failing";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            return disk;
        }

        @Override
        public Path getPath(URI uri) {
            return new Seen(under().getPath(uri));
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            boolean creates = options.contains(StandardOpenOption.CREATE)
                    || options.contains(StandardOpenOption.CREATE_NEW)
                    || options.contains(StandardOpenOption.TRUNCATE_EXISTING);
            Change<FileChannel> opening = () -> under().newFileChannel(real(path), options, attributes);
            return new Channel(creates ? change(opening) : opening.make());
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            DirectoryStream<Path> entries =
                    under().newDirectoryStream(real(folder), entry -> filter.accept(new Seen(entry)));
            return new DirectoryStream<>() {
                @Override
                public Iterator<Path> iterator() {
                    Iterator<Path> each = entries.iterator();
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return each.hasNext();
                        }

                        @Override
                        public Path next() {
                            return new Seen(each.next());
                        }
                    };
                }

                @Override
                public void close() throws IOException {
                    entries.close();
                }
            };
        }

        @Override
        public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
            change(() -> {
                under().createDirectory(real(folder), attributes);
                return null;
            });
        }

        @Override
        public void createLink(Path link, Path existing) throws IOException {
            change(() -> {
                under().createLink(real(link), real(existing));
                return null;
            });
        }

        @Override
        public void delete(Path path) throws IOException {
            change(() -> {
                under().delete(real(path));
                return null;
            });
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) throws IOException {
            change(() -> {
                under().copy(real(source), real(target), options);
                return null;
            });
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException {
            change(() -> {
                under().move(real(source), real(target), options);
                return null;
            });
        }

        @Override
        public boolean isSameFile(Path one, Path other) throws IOException {
            return under().isSameFile(real(one), real(other));
        }

        @Override
        public boolean isHidden(Path path) throws IOException {
            return under().isHidden(real(path));
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            return under().getFileStore(real(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            under().checkAccess(real(path), modes);
        }

        @Override
        public <V extends FileAttributeView> @Nullable V getFileAttributeView(
                Path path, Class<V> type, LinkOption... options) {
            return under().getFileAttributeView(real(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            return under().readAttributes(real(path), type, options);
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
                throws IOException {
            return under().readAttributes(real(path), attributes, options);
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
            under().setAttribute(real(path), attribute, value, options);
        }
    }

    private final class Channel extends FileChannel {
        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return real.read(into);
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) throws IOException {
            return real.read(into, offset, length);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return change(() -> real.write(from));
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) throws IOException {
            return change(() -> real.write(from, offset, length));
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            change(() -> real.truncate(size).size());
            return this;
        }

        /** Is counted and may fail, and is spared the disk: a process that is killed loses nothing that it wrote. */
        @Override
        public void force(boolean all) throws IOException {
            change(() -> null);
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return real.transferTo(position, count, target);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            return change(() -> real.transferFrom(source, position, count));
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return real.read(into, position);
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            return change(() -> real.write(from, position));
        }

        @Override
        public MappedByteBuffer map(MapMode how, long position, long size) throws IOException {
            return real.map(how, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return real.lock(position, size, shared);
        }

        @Override
        public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }
    }

    private final class Seen implements Path {
        private final Path real;

        Seen(Path real) {
            this.real = real;
        }

        private @Nullable Path seen(@Nullable Path path) {
            return path == null ? null : new Seen(path);
        }

        @Override
        public FileSystem getFileSystem() {
            return disk;
        }

        @Override
        public boolean isAbsolute() {
            return real.isAbsolute();
        }

        @Override
        public @Nullable Path getRoot() {
            return seen(real.getRoot());
        }

        @Override
        public @Nullable Path getFileName() {
            return seen(real.getFileName());
        }

        @Override
        public @Nullable Path getParent() {
            return seen(real.getParent());
        }

        @Override
        public int getNameCount() {
            return real.getNameCount();
        }

        @Override
        public Path getName(int index) {
            return new Seen(real.getName(index));
        }

        @Override
        public Path subpath(int from, int to) {
            return new Seen(real.subpath(from, to));
        }

        @Override
        public boolean startsWith(Path other) {
            return other instanceof Seen path && real.startsWith(path.real);
        }

        @Override
        public boolean endsWith(Path other) {
            return other instanceof Seen path && real.endsWith(path.real);
        }

        @Override
        public Path normalize() {
            return new Seen(real.normalize());
        }

        @Override
        public Path resolve(Path other) {
            return new Seen(real.resolve(real(other)));
        }

        @Override
        public Path relativize(Path other) {
            return new Seen(real.relativize(real(other)));
        }

        @Override
        public URI toUri() {
            return real.toUri();
        }

        @Override
        public Path toAbsolutePath() {
            return new Seen(real.toAbsolutePath());
        }

        @Override
        public Path toRealPath(LinkOption... options) throws IOException {
            return new Seen(real.toRealPath(options));
        }

        @Override
        public File toFile() {
            return real.toFile();
        }

        @Override
        public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Path other) {
            return real.compareTo(real(other));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Seen path && path.real.equals(real);
        }

        @Override
        public int hashCode() {
            return real.hashCode();
        }

        @Override
        public String toString() {
            return real.toString();
        }
    }
}
