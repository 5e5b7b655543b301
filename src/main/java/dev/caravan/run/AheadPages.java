package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.page.Position;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pages of one slice that were asked for before it was their turn. They are read in order; one that did not come, or was no
 * page, is asked for again when it is its turn, so that only then it says anything about the slice. Safe for the threads of
 * its lanes.
 */
final class AheadPages {
    private final Map<Position, Ahead> here = new ConcurrentHashMap<>();

    /** One of them. */
    final class Ahead implements Errands.Errand {
        private final Position position;
        private final Supplier<Request> request;
        private volatile @Nullable Request asked;
        private volatile @Nullable Answer answer;
        private volatile PageMemory.@Nullable Part room;

        private Ahead(Position position, Supplier<Request> request) {
            this.position = position;
            this.request = request;
        }

        @Override
        public Request request() {
            return request.get();
        }

        @Override
        public void take(Request sent, Answer received, PageMemory.Part taken) {
            asked = sent;
            answer = received;
            room = taken;
            here.put(position, this);
        }

        @Override
        public boolean refused(Answers.Meaning meaning) {
            return true;
        }

        Request asked() {
            return Objects.requireNonNull(asked);
        }

        Answer answer() {
            return Objects.requireNonNull(answer);
        }
    }

    Ahead page(Position position, Supplier<Request> request) {
        return new Ahead(position, request);
    }

    boolean has(Position position) {
        return here.containsKey(position);
    }

    /** Returns the page at {@code position}, whose room belongs to the page in hand from now on; null if it is not here. */
    @Nullable
    Ahead take(Position position) {
        Ahead page = here.remove(position);
        if (page != null) {
            Objects.requireNonNull(page.room).adopt();
        }
        return page;
    }

    /** Gives up all of them. */
    void clear() {
        here.values().forEach(each -> Objects.requireNonNull(each.room).dropPage());
        here.clear();
    }
}
