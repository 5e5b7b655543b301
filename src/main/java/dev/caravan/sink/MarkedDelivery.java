package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import java.io.IOException;

/**
 * Keeps a mark beside the commits of what was delivered, for deliveries that cannot tell. A commit that broke off between its delivery
 * and the mark is delivered again.
 */
final class MarkedDelivery implements Delivery {
    private final Delivery delivery;
    private final DeliveredMark mark;

    MarkedDelivery(SinkContext stream, Delivery delivery) {
        this.delivery = delivery;
        this.mark = new DeliveredMark(stream.folder());
    }

    @Override
    public void deliver(Delivered commit) throws IOException {
        if (commit.sequence() > mark.read()) {
            delivery.deliver(commit);
            mark.write(commit.sequence());
        }
    }

    @Override
    public long reached() throws IOException {
        return mark.read();
    }
}
