package dev.caravan.sandbox;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.OptionalLong;

/** Turns the index of a row into its id and back, without a list of either. */
sealed interface Identifier {
    void write(long index, long salt, JsonBuffer out);

    /** Returns the index that may have this id; the caller checks that it does, by writing it. */
    OptionalLong indexOf(String id, long salt);

    /** True where ids are JSON numbers. */
    default boolean numeric() {
        return false;
    }

    /** A prefix and eleven characters that look like chance. */
    record Lettered(String prefix) implements Identifier {
        private static final String LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        private static final int LENGTH = 11;

        @Override
        public void write(long index, long salt, JsonBuffer out) {
            out.raw(prefix);
            long rest = Hash.mix(index ^ salt);
            for (int i = 0; i < LENGTH; i++) {
                out.raw(LETTERS.charAt((int) Long.remainderUnsigned(rest, LETTERS.length())));
                rest = Long.divideUnsigned(rest, LETTERS.length());
            }
        }

        @Override
        public OptionalLong indexOf(String id, long salt) {
            if (!id.startsWith(prefix) || id.length() != prefix.length() + LENGTH) {
                return OptionalLong.empty();
            }
            long mixed = 0;
            for (int i = id.length() - 1; i >= prefix.length(); i--) {
                int letter = LETTERS.indexOf(id.charAt(i));
                if (letter < 0) {
                    return OptionalLong.empty();
                }
                mixed = mixed * LETTERS.length() + letter;
            }
            return OptionalLong.of(Hash.unmix(mixed) ^ salt);
        }
    }

    /**
     * Counts upwards from a start that depends on the scope; stays below 2^53, so that every client reads it whole.
     *
     * @param prefix what stands before the number and makes a text of it; empty for a number
     * @param quoted whether it is a text without a prefix, too
     */
    record Counted(String prefix, boolean quoted) implements Identifier {
        private static final long ROOM = 10_000_000_000L;
        private static final long SCOPES = 800_000;

        @Override
        public void write(long index, long salt, JsonBuffer out) {
            out.raw(prefix).number(start(salt) + index);
        }

        @Override
        public OptionalLong indexOf(String id, long salt) {
            if (!id.startsWith(prefix)) {
                return OptionalLong.empty();
            }
            try {
                return OptionalLong.of(Long.parseLong(id.substring(prefix.length())) - start(salt));
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }

        @Override
        public boolean numeric() {
            return prefix.isEmpty() && !quoted;
        }

        private static long start(long salt) {
            return ROOM * (1 + Hash.below(SCOPES, salt));
        }
    }

    /**
     * Day and place in the day, {@code 2026-03-31/2}, of rows that a report has for each day.
     *
     * @param daily how many rows a day has
     */
    record Daily(int daily) implements Identifier {
        @Override
        public void write(long index, long salt, JsonBuffer out) {
            out.date(day(index)).raw('/').number(Math.floorMod(index, (long) daily));
        }

        @Override
        public OptionalLong indexOf(String id, long salt) {
            try {
                int slash = id.indexOf('/');
                LocalDate day = LocalDate.parse(id.substring(0, Math.max(0, slash)));
                long days = day.toEpochDay() - FIRST.toEpochDay();
                return OptionalLong.of(days * daily + Long.parseLong(id.substring(slash + 1)));
            } catch (DateTimeParseException | NumberFormatException e) {
                return OptionalLong.empty();
            }
        }

        private static final LocalDate FIRST = LocalDate.ofInstant(Sandbox.FIRST_DAY, ZoneOffset.UTC);

        private LocalDate day(long index) {
            return FIRST.plusDays(Math.floorDiv(index, (long) daily));
        }
    }

    /** Forty hexadecimal digits, as Git names a commit. */
    record Hexadecimal() implements Identifier {
        private static final int LENGTH = 40;

        @Override
        public void write(long index, long salt, JsonBuffer out) {
            long head = Hash.mix(index ^ salt);
            out.hexadecimal(head, 16).hexadecimal(Hash.mix(head), 16).hexadecimal(Hash.mix(head + 1), 8);
        }

        @Override
        public OptionalLong indexOf(String id, long salt) {
            if (id.length() != LENGTH) {
                return OptionalLong.empty();
            }
            try {
                return OptionalLong.of(Hash.unmix(Long.parseUnsignedLong(id.substring(0, 16), 16)) ^ salt);
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }
    }
}
