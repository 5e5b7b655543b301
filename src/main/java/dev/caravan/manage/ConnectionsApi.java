package dev.caravan.manage;

import dev.caravan.run.By;
import dev.caravan.run.ConnectionView;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Connections over HTTP. What is changed of their limits ends with the process. */
@RestController
@RequestMapping(path = "/api/connections", produces = MediaType.APPLICATION_JSON_VALUE)
final class ConnectionsApi {
    private final Streams streams;
    private final Steering steering;

    ConnectionsApi(Streams streams, Steering steering) {
        this.streams = streams;
        this.steering = steering;
    }

    /** @param perSecond requests a second, of all streams together */
    record Rate(@Nullable Double perSecond) {}

    /** @param requests most that may be open at once */
    record InFlight(@Nullable Integer requests) {}

    @GetMapping
    List<ConnectionView> list() {
        return streams.connections().stream()
                .map(each -> ConnectionView.of(each, streams))
                .toList();
    }

    @GetMapping("/{name}")
    ConnectionView one(@PathVariable String name) {
        return streams.connections().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .map(each -> ConnectionView.of(each, streams))
                .orElseThrow(() -> new NotFoundException("There is no connection '%s'".formatted(name)));
    }

    @PostMapping("/{name}/rate")
    ConnectionView rate(@PathVariable String name, @RequestBody Rate wanted) {
        Double perSecond = wanted.perSecond();
        if (perSecond == null) {
            throw new BadRequestException("'perSecond' is missing, write {\"perSecond\": 5}");
        }
        return steered(name, (connection, by) -> steering.changeRate(connection, perSecond, by));
    }

    @PostMapping("/{name}/in-flight")
    ConnectionView inFlight(@PathVariable String name, @RequestBody InFlight wanted) {
        Integer requests = wanted.requests();
        if (requests == null) {
            throw new BadRequestException("'requests' is missing, write {\"requests\": 4}");
        }
        return steered(name, (connection, by) -> steering.changeInFlight(connection, requests, by));
    }

    @PostMapping("/{name}/restore")
    ConnectionView restore(@PathVariable String name) {
        return steered(name, steering::restore);
    }

    @PostMapping("/{name}/reset-breaker")
    ConnectionView resetBreaker(@PathVariable String name) {
        return steered(name, steering::resetBreaker);
    }

    @PostMapping("/{name}/release")
    ConnectionView release(@PathVariable String name) {
        return steered(name, steering::release);
    }

    private ConnectionView steered(String name, BiConsumer<String, By> action) {
        action.accept(name, Caller.ofApi());
        return one(name);
    }
}
