package dev.caravan.camel;

import dev.caravan.record.RecordPage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a stream's answers are written, as a Camel data format: its result is the page's records, cut from the answer without
 * building trees. Bound as {@code <stream>-format}. Safe for any
 * number of threads.
 */
final class PageFormat extends ServiceSupport implements DataFormat {
    @Override
    public @Nullable Object unmarshal(Exchange exchange, InputStream body) throws IOException {
        return page(exchange, body.readAllBytes());
    }

    @Override
    public @Nullable Object unmarshal(Exchange exchange, Object body) throws IOException {
        return page(exchange, body instanceof byte[] whole ? whole : ((InputStream) body).readAllBytes());
    }

    private static @Nullable RecordPage page(Exchange exchange, byte[] body) {
        return StreamSteps.slice(exchange).decoding(body);
    }

    @Override
    public void marshal(Exchange exchange, Object graph, OutputStream out) {
        throw new UnsupportedOperationException("Answers are read, not written");
    }
}
