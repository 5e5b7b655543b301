package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.json.JsonPath;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Sends what is committed to an endpoint outside: a message for each row, or for each file. A batch is committed as a file first, then
 * sent, then noted as sent; a commit that broke off in between is sent again, from its beginning. Safe for any number of threads.
 */
final class EndpointSink implements Sink {
    private static final int USUAL_ROWS = 1000;
    private static final JsonPath KEY = JsonPath.named(MarkedForm.KEY);

    /** Where components look for the name of a file. */
    private static final String FILE_NAME = "CamelFileName";

    private final CamelSettings settings;
    private final SinkContext stream;
    private final Sink files;

    EndpointSink(CamelSettings settings, SinkContext stream) {
        this.settings = settings;
        this.stream = stream;
        this.files = settings.as().open(stream);
    }

    @Override
    public String ending() {
        return files.ending();
    }

    @Override
    public int usualRows() {
        return settings.files() ? Integer.MAX_VALUE : USUAL_ROWS;
    }

    @Override
    public List<SealedFile> write(Destination to, List<SourceRecord> records) {
        return files.write(settings.files() ? to : to.in(new MarkedForm(to.form(), stream.deleted(), null)), records);
    }

    @Override
    public Delivery delivery() {
        return new MarkedDelivery(stream, this::send);
    }

    private void send(Delivery.Delivered commit) {
        long[] sent = new long[1];
        try {
            Outlet.Way way = stream.outlet().open(settings.uri(), settings.parameters());
            for (Delivery.Part part : commit.files()) {
                part.with(file -> send(file, way, sent));
            }
        } catch (IOException | Outlet.RefusedException e) {
            throw failed("sending commit %d, of which %,d messages are sent,".formatted(commit.sequence(), sent[0]), e);
        }
    }

    private void send(Path file, Outlet.Way way, long[] sent) throws IOException {
        if (settings.files()) {
            way.send(file.toFile(), Map.of(FILE_NAME, name(file)));
            sent[0]++;
            return;
        }
        LandedRows.read(file, row -> {
            way.send(row, headers(row));
            sent[0]++;
        });
    }

    private Map<String, String> headers(byte[] row) {
        String header = settings.keyHeader();
        return header == null
                ? Map.of()
                : KEY.textIn(row).map(key -> Map.of(header, key)).orElse(Map.of());
    }

    /** Returns its name within the stream's folder, which it need not be in: of a bucket, it is a copy. */
    private static String name(Path file) {
        Path folder = file.resolveSibling(".").normalize().getFileName();
        return folder + "/" + file.getFileName();
    }

    private DeliveryException failed(String what, Exception e) {
        return new DeliveryException(
                "%s: sink '%s', endpoint %s: %s failed: %s. What is committed counts, and a commit that was not sent whole is sent again by the next run; look whether the endpoint is there and takes such messages"
                        .formatted(stream.id(), settings.name(), settings.uri(), what, e.getMessage()),
                e);
    }
}
