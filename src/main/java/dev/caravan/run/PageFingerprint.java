package dev.caravan.run;

import dev.caravan.record.SourceRecord;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * What a page's records look like, in eight bytes: two checksums for which processors have instructions. Good against an API
 * that sends the same page again, not against one that means to deceive.
 */
final class PageFingerprint {
    private PageFingerprint() {}

    /** Returns the fingerprint; empty for a page without records, which may come any number of times. */
    static OptionalLong of(List<SourceRecord> records) {
        if (records.isEmpty()) {
            return OptionalLong.empty();
        }
        CRC32 one = new CRC32();
        CRC32C other = new CRC32C();
        for (SourceRecord record : records) {
            one.update(record.bytes(), record.offset(), record.length());
            other.update(record.bytes(), record.offset(), record.length());
        }
        return OptionalLong.of(one.getValue() << 32 | other.getValue());
    }
}
