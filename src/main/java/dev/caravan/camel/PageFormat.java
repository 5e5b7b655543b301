package dev.caravan.camel;

import com.fasterxml.jackson.core.JsonParser;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordPage;
import dev.caravan.run.SlicePull;
import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.component.jackson.JacksonDataFormat;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a stream's answers as a Camel data format: Jackson's, with its parser strict and its result the page's records,
 * cut from the answer without building trees. Bound as {@code <stream>-format}. Safe for any number of threads.
 */
final class PageFormat extends JacksonDataFormat {
    PageFormat() {
        super(StrictJson.mapper(), RecordPage.class);
    }

    @Override
    public @Nullable Object unmarshal(Exchange exchange, Object body) throws IOException {
        byte[] bytes = body instanceof byte[] whole ? whole : ((InputStream) body).readAllBytes();
        SlicePull slice = StreamSteps.slice(exchange);
        try (JsonParser parser = getObjectMapper().createParser(bytes)) {
            return slice.decoding(() -> slice.reader().read(parser, bytes, slice.given()));
        }
    }
}
