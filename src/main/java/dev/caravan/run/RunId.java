package dev.caravan.run;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Names runs: sortable UTC time and a short random part, {@code 20260901T060000Z-4f2a9c}. */
final class RunId {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final SecureRandom RANDOM = new SecureRandom();

    private RunId() {}

    public static String at(Instant start) {
        byte[] random = new byte[3];
        RANDOM.nextBytes(random);
        return TIME.format(start) + "-" + HexFormat.of().formatHex(random);
    }
}
