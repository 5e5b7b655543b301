package dev.caravan.camel;

import dev.caravan.connection.DeadlineException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Ends the requests of a connection that take longer than a whole answer may take, wherever they are: while they connect,
 * wait for a head that never ends, or for a body that drips. A timeout of the socket cannot do that, as each byte begins it
 * anew; here another thread closes the connection.
 *
 * <p>A body that is not read to its end is not drained either, its connection is closed. Safe for any number of threads.
 */
final class Deadline implements ExecChainHandler {
    private final Duration limit;
    private final ScheduledExecutorService alarms;

    Deadline(Duration limit, ScheduledExecutorService alarms) {
        this.limit = limit;
        this.alarms = alarms;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Watch watch = new Watch(scope);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity == null) {
                watch.end();
            } else {
                response.setEntity(new WatchedEntity(entity, watch));
            }
            return response;
        } catch (IOException e) {
            throw watch.ended(e);
        } catch (HttpException | RuntimeException e) {
            watch.end();
            if (watch.late) {
                throw new DeadlineException(limit, e);
            }
            throw e;
        }
    }

    /** Ends a request wherever it is, from any thread. */
    static void disconnect(ExecChain.Scope scope) {
        // Cancelling reaches a request that is still connecting; the endpoint is there once it is connected.
        if (scope.originalRequest instanceof Cancellable request) {
            request.cancel();
        }
        scope.execRuntime.discardEndpoint();
    }

    /** Watches one request until it ends or its time is up. */
    private final class Watch {
        private final ExecChain.Scope scope;
        private final AtomicBoolean over = new AtomicBoolean();
        private final ScheduledFuture<?> alarm;
        private volatile boolean late;

        Watch(ExecChain.Scope scope) {
            this.scope = scope;
            this.alarm = alarms.schedule(this::expire, limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void expire() {
            if (over.compareAndSet(false, true)) {
                late = true;
                disconnect();
            }
        }

        void disconnect() {
            Deadline.disconnect(scope);
        }

        void end() {
            over.set(true);
            alarm.cancel(false);
        }

        /** Ends the watch and returns what to throw: that the connection is closed is our doing if it is late. */
        IOException ended(IOException failure) {
            end();
            return late ? new DeadlineException(limit, failure) : failure;
        }
    }

    private static final class WatchedEntity extends HttpEntityWrapper {
        private final Watch watch;
        private @Nullable InputStream content;

        WatchedEntity(HttpEntity entity, Watch watch) {
            super(entity);
            this.watch = watch;
        }

        @Override
        public InputStream getContent() throws IOException {
            InputStream known = content;
            if (known == null) {
                known = new WatchedBody(super.getContent(), watch);
                content = known;
            }
            return known;
        }

        @Override
        public void close() throws IOException {
            getContent().close();
        }
    }

    private static final class WatchedBody extends FilterInputStream {
        private final Watch watch;
        private boolean ended;

        WatchedBody(InputStream in, Watch watch) {
            super(in);
            this.watch = watch;
        }

        @Override
        public int read() throws IOException {
            try {
                return noted(in.read());
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return noted(in.read(bytes, offset, length));
            } catch (IOException e) {
                throw failed(e);
            }
        }

        private int noted(int read) {
            if (read < 0) {
                ended = true;
                watch.end();
            }
            return read;
        }

        private IOException failed(IOException failure) {
            ended = true;
            return watch.ended(failure);
        }

        /** To drain what nobody wants could take for ever. */
        @Override
        public void close() throws IOException {
            if (ended) {
                in.close();
            } else {
                ended = true;
                watch.end();
                watch.disconnect();
            }
        }
    }
}
