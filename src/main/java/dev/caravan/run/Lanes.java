package dev.caravan.run;

import dev.caravan.connection.Request;
import dev.caravan.page.PageContent;
import dev.caravan.page.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one slice that are on their way at once: the page it stands at and those ahead of it, or those for the records
 * of the page in hand. Asked about by one thread at a time, when all lanes have ended.
 */
final class Lanes {
    private final Run run;
    private final LiveStream stream;
    private final PageMemory.Share memory;
    private final AheadPages ahead = new AheadPages();
    private @Nullable PageContent lastRead;
    private @Nullable DetailPage page;
    private volatile @Nullable Exception failure;

    Lanes(Run run, LiveStream stream, PageMemory.Share memory) {
        this.run = run;
        this.stream = stream;
        this.memory = memory;
    }

    /** Returns the page whose records are asked for one by one, null if there is none in hand. */
    @Nullable
    DetailPage page() {
        return page;
    }

    void begin(@Nullable DetailPage next) {
        page = next;
    }

    /** A page was read; what it says of those behind it is known from here on. */
    void read(PageContent content) {
        lastRead = content;
    }

    /** The slice stands elsewhere. */
    void forget() {
        ahead.clear();
        lastRead = null;
        page = null;
    }

    /** Nothing is read any more. */
    void end() {
        ahead.clear();
    }

    /**
     * Returns the lanes in which the next requests go; none if the page that the slice stands at is here.
     *
     * @param head asks for that page
     * @param requests makes the request for a page ahead
     */
    List<Lane> of(SlicePull head, Course course, Function<Position, Request> requests) {
        failure = null;
        DetailPage details = page;
        if (details != null) {
            return Stream.generate(() -> lane(head, details.errands(), true))
                    .limit(details.lanes())
                    .toList();
        }
        if (ahead.has(course.position())) {
            return List.of();
        }
        ahead.clear();
        List<Lane> lanes = new ArrayList<>(List.of(new HeadLane(head)));
        List<AheadPages.Ahead> pages = pagesAhead(course, requests);
        Errands errands = new Errands(pages, false);
        pages.forEach(each -> lanes.add(lane(head, errands, false)));
        return lanes;
    }

    private Lane lane(SlicePull head, Errands errands, boolean details) {
        return new ErrandLane(
                run,
                stream,
                head.label(),
                details ? stream.detailOutcomes() : stream.outcomes(),
                errands,
                memory::part,
                head.turnstile());
    }

    private List<AheadPages.Ahead> pagesAhead(Course course, Function<Position, Request> requests) {
        List<AheadPages.Ahead> pages = new ArrayList<>();
        PageContent known = lastRead;
        boolean alone = known == null || run.trial().isPresent() || course.isResumed() || memory.isShort();
        int most = alone ? 1 : stream.definition().stream().next().parallel();
        Position at = course.position();
        while (known != null && pages.size() + 1 < most) {
            Optional<Position> next = stream.ahead(at, known);
            if (next.isEmpty()) {
                break;
            }
            Position position = next.get();
            pages.add(ahead.page(position, () -> requests.apply(position)));
            at = position;
        }
        return pages;
    }

    /** Hears that the lane of the page the slice stands at has failed. */
    void failed(Exception problem) {
        failure = problem;
    }

    /** Returns why what the lanes were to bring cannot be had, null if nothing is in the way. */
    @Nullable
    Exception failure() {
        DetailPage details = page;
        return details == null ? failure : details.errands().failure();
    }

    /** Returns a page that was asked for ahead, whose room belongs to the page in hand from now on; null if it is not here. */
    AheadPages.@Nullable Ahead take(Position position) {
        return ahead.take(position);
    }
}
