package dev.caravan.camel;

import dev.caravan.run.Chunk;
import org.apache.camel.Exchange;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The idempotent repository of every stream. It works on the chunk in hand: duplicates leave the chunk, and the chunk goes
 * on while anything is left of it. Keys are staged here; the slice's commit makes them durable, and a failure before it
 * takes back staged keys only.
 *
 * <p>Bound as {@code caravanSeen}. One for all streams, and stateless: Camel stops it with the first route that goes, so
 * stopping does nothing.
 */
final class SeenRepository extends ServiceSupport implements IdempotentRepository {
    @Override
    public boolean add(Exchange exchange, String key) {
        return StreamSteps.slice(exchange).addKeys(exchange.getProperty(Names.CHUNK, Chunk.class));
    }

    @Override
    public boolean contains(Exchange exchange, String key) {
        return !add(exchange, key);
    }

    @Override
    public boolean remove(Exchange exchange, String key) {
        StreamSteps.slice(exchange).removeKeys(exchange.getProperty(Names.CHUNK, Chunk.class));
        return true;
    }

    @Override
    public boolean confirm(Exchange exchange, String key) {
        return true;
    }

    @Override
    public boolean add(String key) {
        throw withoutExchange();
    }

    @Override
    public boolean contains(String key) {
        throw withoutExchange();
    }

    @Override
    public boolean remove(String key) {
        throw withoutExchange();
    }

    @Override
    public boolean confirm(String key) {
        throw withoutExchange();
    }

    /** Does nothing: what is seen belongs to the commits of each stream. */
    @Override
    public void clear() {}

    private static UnsupportedOperationException withoutExchange() {
        return new UnsupportedOperationException("Keys belong to the slice of an exchange");
    }
}
