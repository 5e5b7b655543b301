package dev.caravan.commit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one thread of one process at a time open a database: two that create its schema at once would both fail. */
final class OpenLock implements Closeable {
    // The operating system's locks are the process's, so threads are kept apart first.
    private static final ReentrantLock PROCESS = new ReentrantLock();

    private final FileChannel channel;
    private final FileLock lock;

    private OpenLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** Waits for its turn; nobody holds it longer than a database takes to open. */
    static OpenLock take(Path file) throws IOException {
        PROCESS.lock();
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return new OpenLock(channel, channel.lock());
        } catch (IOException | RuntimeException e) {
            PROCESS.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            lock.release();
            channel.close();
        } finally {
            PROCESS.unlock();
        }
    }
}
