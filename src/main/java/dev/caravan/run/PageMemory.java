package dev.caravan.run;

import dev.caravan.connection.BodyReader;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The memory that pages and batches of this process may hold together. A page takes its bytes as they are read, and its batch
 * gives them back when it is committed or given up.
 *
 * <p>When it is short, slices commit early; one whose page did not fit asks again once there is room for it, in the order in
 * which they came, and nobody asks for another page before that. So a large page gets all of it in the end, and only one that
 * is larger than all of it can never be had. Safe for any number of threads.
 */
public final class PageMemory {
    /** What the engine keeps of a record beside its bytes: its key, its cursor, its places in lists. */
    private static final long BESIDE_A_RECORD = 160;

    private final long limit;
    private final Queue<Share> waiting = new ArrayDeque<>();
    private long taken;

    /** @param limit bytes, at least one */
    public PageMemory(long limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("Pages need memory: limit=%d".formatted(limit));
        }
        this.limit = limit;
    }

    /** Returns how many bytes may be held. */
    public long limit() {
        return limit;
    }

    /** Returns how many bytes are held now. */
    public synchronized long taken() {
        return taken;
    }

    Share share() {
        return new Share();
    }

    /** A page does not fit beside what others hold. */
    @SuppressWarnings("serial")
    static final class NoRoomException extends RuntimeException {
        private NoRoomException() {
            super("no room for the page", null, false, false);
        }
    }

    /** Where an answer finds room. */
    interface Holding extends BodyReader.Room {
        /** Takes what the engine keeps beside the bytes of so many records. */
        void takeRecords(int records);

        /** Nothing of the page in hand is kept. */
        void dropPage();

        /**
         * After a page that did not fit: asks for more room the next time.
         *
         * @return false if all there is was not enough
         */
        boolean wantMore();
    }

    /**
     * A page that is read beside the one in hand, or a part of that: it takes from the same share, and gives back what it took
     * itself. For one thread at a time.
     */
    static final class Part implements Holding {
        private final Share share;
        private long mine;

        private Part(Share share) {
            this.share = share;
        }

        @Override
        public void take(long bytes) {
            share.takeBeside(bytes);
            mine += bytes;
        }

        @Override
        public void give(long bytes) {
            share.giveBeside(bytes);
            mine -= bytes;
        }

        @Override
        public void takeRecords(int records) {
            take(records * BESIDE_A_RECORD);
        }

        @Override
        public void dropPage() {
            give(mine);
        }

        /** Whoever has the whole page decides; this one is given up. */
        @Override
        public boolean wantMore() {
            dropPage();
            return true;
        }

        /** It belongs to the page in hand from now on. */
        void adopt() {
            share.adopt(mine);
            mine = 0;
        }
    }

    /** What a batch holds that has left its slice. */
    final class Leaving {
        private long bytes;

        private Leaving(long bytes) {
            this.bytes = bytes;
        }

        /** Gives it back. The second time does nothing. */
        void drop() {
            synchronized (PageMemory.this) {
                taken -= bytes;
                bytes = 0;
            }
        }
    }

    /** What one slice holds: the page in hand, parts beside it, and its batch. */
    final class Share implements Holding {
        private long batch;
        private long page;
        /** How much of {@code page} is beside the page in hand. */
        private long beside;
        /** What was set aside for the page that is asked for. */
        private long reserved;
        /** How much room the next page needs at least. */
        private long needed;

        private Share() {}

        /** @throws NoRoomException if there is not that much left */
        @Override
        public void take(long bytes) {
            synchronized (PageMemory.this) {
                long more = Math.max(page + bytes, reserved) - Math.max(page, reserved);
                if (more > limit - taken) {
                    needed = Math.max(needed, page + bytes);
                    throw new NoRoomException();
                }
                taken += more;
                page += bytes;
            }
        }

        /** Gives back bytes of the page in hand. */
        @Override
        public void give(long bytes) {
            synchronized (PageMemory.this) {
                taken -= Math.max(page, reserved) - Math.max(page - bytes, reserved);
                page -= bytes;
            }
        }

        Part part() {
            return new Part(this);
        }

        /** Whether a page did not fit, and waits for more room: others beside it would take that away again. */
        boolean isShort() {
            synchronized (PageMemory.this) {
                return needed > 0;
            }
        }

        private void takeBeside(long bytes) {
            synchronized (PageMemory.this) {
                take(bytes);
                beside += bytes;
            }
        }

        private void giveBeside(long bytes) {
            synchronized (PageMemory.this) {
                beside -= bytes;
                give(bytes);
            }
        }

        private void adopt(long bytes) {
            synchronized (PageMemory.this) {
                beside -= bytes;
            }
        }

        @Override
        public void takeRecords(int records) {
            take(records * BESIDE_A_RECORD);
        }

        /** The records of the page in hand are in the batch. */
        void keepPage() {
            synchronized (PageMemory.this) {
                taken -= Math.max(page, reserved) - page;
                batch += page - beside;
                page = beside;
                reserved = 0;
                needed = 0;
            }
        }

        @Override
        public void dropPage() {
            synchronized (PageMemory.this) {
                taken -= Math.max(page, reserved) - beside;
                page = beside;
                reserved = 0;
            }
        }

        /** The batch leaves the slice, which no longer gives back what it holds. */
        Leaving leave() {
            synchronized (PageMemory.this) {
                Leaving leaving = new Leaving(batch);
                batch = 0;
                return leaving;
            }
        }

        /** Gives everything back, and a place in the line. */
        void drop() {
            synchronized (PageMemory.this) {
                dropPage();
                taken -= batch;
                batch = 0;
                waiting.remove(this);
            }
        }

        /** Whether there is a batch that is better committed than filled further. */
        boolean isCrowded() {
            synchronized (PageMemory.this) {
                return batch > 0 && isScarce();
            }
        }

        /** Whether it is better to give something back than to take more. */
        boolean isScarce() {
            synchronized (PageMemory.this) {
                return !waiting.isEmpty() || needed > 0 || taken > limit - limit / 4;
            }
        }

        @Override
        public boolean wantMore() {
            synchronized (PageMemory.this) {
                long had = Math.max(page, reserved);
                boolean hadAll = reserved >= limit;
                dropPage();
                if (hadAll || needed > limit) {
                    needed = 0;
                    return false;
                }
                needed = Math.min(limit, Math.max(needed, 2 * had));
                return true;
            }
        }

        /**
         * Whether the slice may ask for a page. If not, it stands in line: who asks again and again, and holds no batch, is let
         * in once those before it are served.
         */
        boolean isAdmitted() {
            synchronized (PageMemory.this) {
                if (waiting.isEmpty() && needed == 0) {
                    return true;
                }
                if (!waiting.contains(this)) {
                    waiting.add(this);
                }
                long more = Math.max(page, needed) - Math.max(page, reserved);
                if (waiting.peek() != this || limit - taken < more) {
                    return false;
                }
                waiting.remove();
                taken += more;
                reserved = needed;
                return true;
            }
        }
    }
}
