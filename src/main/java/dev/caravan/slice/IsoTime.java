package dev.caravan.slice;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Reads ISO 8601 times the way vendors write them.
 *
 * <p>By hand, because a {@link java.time.format.DateTimeFormatter} takes longer than all other work on a record, and
 * refuses {@code +0000}, which many vendors write.
 */
final class IsoTime {
    private final String text;
    private int at;

    private IsoTime(String text) {
        this.text = text;
    }

    /**
     * Reads a day and a time of day.
     *
     * @param zone for texts without an offset
     * @throws DateTimeException if {@code text} is not a time
     */
    static Instant parse(String text, ZoneId zone) {
        return new IsoTime(text).read(zone);
    }

    private Instant read(ZoneId zone) {
        int year = number(4);
        expect('-');
        int month = number(2);
        expect('-');
        int day = number(2);
        if (!skip('T') && !skip('t')) {
            expect(' ');
        }
        int hour = number(2);
        expect(':');
        int minute = number(2);
        int second = skip(':') ? number(2) : 0;
        int nanos = skip('.') || skip(',') ? fraction() : 0;
        LocalDateTime local = LocalDateTime.of(year, month, day, hour, minute, second, nanos);
        skip(' ');
        return at == text.length() ? local.atZone(zone).toInstant() : local.toInstant(offset());
    }

    private ZoneOffset offset() {
        String rest = text.substring(at);
        if (rest.equals("Z") || rest.equals("z") || rest.equals("UTC")) {
            return ZoneOffset.UTC;
        }
        int sign = skip('-') ? -1 : 1;
        if (sign > 0) {
            expect('+');
        }
        int hours = number(2);
        int minutes = at == text.length() ? 0 : minutes();
        if (at != text.length()) {
            throw refused();
        }
        return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
    }

    private int minutes() {
        skip(':');
        return number(2);
    }

    private int fraction() {
        int from = at;
        int nanos = 0;
        for (int place = 100_000_000; digit(at); at++, place /= 10) {
            nanos += place * (text.charAt(at) - '0');
        }
        if (at == from) {
            throw refused();
        }
        return nanos;
    }

    private int number(int digits) {
        int value = 0;
        for (int end = at + digits; at < end; at++) {
            if (!digit(at)) {
                throw refused();
            }
            value = value * 10 + text.charAt(at) - '0';
        }
        return value;
    }

    private boolean digit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private boolean skip(char wanted) {
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!skip(wanted)) {
            throw refused();
        }
    }

    private DateTimeException refused() {
        return new DateTimeException("Not a time at character " + at);
    }
}
