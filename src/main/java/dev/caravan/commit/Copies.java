package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Copy;
import dev.caravan.lake.Lake;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of a lake as files of this disk, for as long as they are delivered. One thread. */
final class Copies implements Closeable {
    private final Lake lake;
    private final List<Copy> copies = new ArrayList<>();

    Copies(Lake lake) {
        this.lake = lake;
    }

    Delivery.Part part(Path place, SealedFile file) throws IOException {
        Copy copy = lake.copy(place);
        copies.add(copy);
        return new Delivery.Part(copy.file(), file.rows(), file.sha256());
    }

    @Override
    public void close() throws IOException {
        for (Copy copy : copies) {
            copy.close();
        }
    }
}
