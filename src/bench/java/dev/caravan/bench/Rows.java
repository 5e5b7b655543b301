package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The rows that the mock API serves, a pure function of their number: 13-digit ids, so that a page is a copy of another with
 * digits changed, and about 500 bytes each.
 */
public final class Rows {
    static final long FIRST_ID = 1_000_000_000_000L;
    private static final int DIGITS = 13;
    private static final String NOTE =
            "The quick brown fox jumps over the lazy dog, and then it reads the small print of the contract once more. "
                    + "Delivery was asked for before noon; the customer has been told by mail and by phone. No further action.";
    private static final String TEMPLATE = "{\"id\":0000000000000,\"created_at\":\"2026-01-15T08:30:00Z\","
            + "\"email\":\"user-0000000000000@example.com\",\"amount\":\"00000.00\",\"quantity\":3,\"status\":\"paid\","
            + "\"note\":\"" + NOTE + "\",\"customer\":{\"id\":4711,\"name\":\"Ada Lovelace\",\"country\":\"GB\"},"
            + "\"tags\":[\"bench\",\"alpha\"],\"active\":true}";
    private static final byte[] ROW = TEMPLATE.getBytes(StandardCharsets.US_ASCII);
    private static final int ID = TEMPLATE.indexOf("0000000000000");
    private static final int EMAIL = TEMPLATE.indexOf("user-") + "user-".length();
    private static final int AMOUNT = TEMPLATE.indexOf("00000.00");

    private Rows() {}

    static int bytes() {
        return ROW.length;
    }

    /** Returns rows {@code from} to {@code to}, with commas between them. */
    public static byte[] page(long from, long to) {
        int count = (int) (to - from);
        byte[] page = new byte[Math.max(0, count * (ROW.length + 1) - 1)];
        int at = 0;
        for (long number = from; number < to; number++) {
            System.arraycopy(ROW, 0, page, at, ROW.length);
            digits(page, at + ID, FIRST_ID + number, DIGITS);
            digits(page, at + EMAIL, FIRST_ID + number, DIGITS);
            long cents = cents(number);
            digits(page, at + AMOUNT, cents / 100, 5);
            digits(page, at + AMOUNT + 6, cents % 100, 2);
            at += ROW.length;
            if (at < page.length) {
                page[at++] = ',';
            }
        }
        return page;
    }

    private static long cents(long number) {
        return number * 7_919 % 10_000_000;
    }

    private static void digits(byte[] page, int at, long number, int count) {
        long rest = number;
        for (int i = count - 1; i >= 0; i--) {
            page[at + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** Returns what the first {@code rows} rows come to. */
    static Checksum checksum(long rows) {
        Checksum sum = new Checksum();
        byte[] digits = new byte[DIGITS];
        byte[] amount = "00000.00".getBytes(StandardCharsets.US_ASCII);
        for (long number = 0; number < rows; number++) {
            digits(digits, 0, FIRST_ID + number, DIGITS);
            long cents = cents(number);
            digits(amount, 0, cents / 100, 5);
            digits(amount, 6, cents % 100, 2);
            sum.add(FIRST_ID + number, digits, 0, DIGITS, amount, 0, amount.length);
        }
        return sum;
    }

    /** Rows, the sum of their ids, and the exclusive or of their hashes (FNV-1a, 64 bits, of id, number in the mail, amount). */
    static final class Checksum {
        private static final long PRIME = 0x100000001b3L;

        private long rows;
        private long ids;
        private long hashes;

        void add(long id, byte[] email, int emailFrom, int emailTo, byte[] amount, int amountFrom, int amountTo) {
            rows++;
            ids += id;
            long hash = (0xcbf29ce484222325L ^ id) * PRIME;
            for (int i = emailFrom; i < emailTo; i++) {
                hash = (hash ^ email[i]) * PRIME;
            }
            for (int i = amountFrom; i < amountTo; i++) {
                hash = (hash ^ amount[i]) * PRIME;
            }
            hashes ^= hash;
        }

        void add(Checksum other) {
            rows += other.rows;
            ids += other.ids;
            hashes ^= other.hashes;
        }

        long rows() {
            return rows;
        }

        boolean equals(Checksum other) {
            return rows == other.rows && ids == other.ids && hashes == other.hashes;
        }

        @Override
        public String toString() {
            return "%,d rows, ids %d, hashes %016x".formatted(rows, ids, hashes);
        }
    }

    /** Finds rows in any text that spells them as JSON, whatever stands around them and between their fields. */
    static final class Scanner {
        private static final byte[] ID_FIELD = "\"id\":".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] EMAIL_FIELD = "user-".getBytes(StandardCharsets.US_ASCII);
        private static final int LONGEST_FIELD = 64;
        private static final byte[] AMOUNT_FIELD = "\"amount\":".getBytes(StandardCharsets.US_ASCII);

        private final Checksum sum = new Checksum();
        private byte[] rest = new byte[0];
        private long id = -1;
        private byte[] mail = new byte[0];
        private byte[] amount = new byte[0];

        /** Takes in more of a text; a row may begin in one piece and end in the next, its fields come in any order. */
        void read(byte[] bytes, int length) {
            byte[] text = Arrays.copyOf(rest, rest.length + length);
            System.arraycopy(bytes, 0, text, rest.length, length);
            int at = 0;
            for (int next = field(text, at); next > 0; next = field(text, at)) {
                at = next;
                if (id >= 0 && mail.length > 0 && amount.length > 0) {
                    sum.add(id, mail, 0, mail.length, amount, 0, amount.length);
                    id = -1;
                    mail = new byte[0];
                    amount = new byte[0];
                }
            }
            rest = Arrays.copyOfRange(text, Math.max(at, text.length - LONGEST_FIELD), text.length);
        }

        /** Takes in the next field, and returns where it ends; -1 if none is left, or none that is whole. */
        private int field(byte[] text, int from) {
            for (int at = from; at < text.length; at++) {
                byte first = text[at];
                if (first == '"' && begins(text, at, ID_FIELD)) {
                    int begin = skipBlanks(text, at + ID_FIELD.length);
                    int end = endOfDigits(text, begin);
                    if (end == text.length) {
                        return -1;
                    }
                    if (end - begin == DIGITS) {
                        id = number(text, begin, end);
                        return end;
                    }
                } else if (first == '"' && begins(text, at, AMOUNT_FIELD)) {
                    int begin = skipBlanks(text, at + AMOUNT_FIELD.length) + 1;
                    int end = find(text, (byte) '"', begin);
                    if (end < 0) {
                        return -1;
                    }
                    if (text[begin - 1] == '"') { // and not that of a schema
                        amount = Arrays.copyOfRange(text, begin, end);
                        return end + 1;
                    }
                } else if (first == 'u' && begins(text, at, EMAIL_FIELD)) {
                    int begin = at + EMAIL_FIELD.length;
                    int end = endOfDigits(text, begin);
                    if (end == text.length) {
                        return -1;
                    }
                    mail = Arrays.copyOfRange(text, begin, end);
                    return end;
                }
            }
            return -1;
        }

        Checksum sum() {
            return sum;
        }

        private static boolean begins(byte[] text, int at, byte[] word) {
            return Arrays.equals(text, at, Math.min(text.length, at + word.length), word, 0, word.length);
        }

        private static int find(byte[] text, byte mark, int from) {
            for (int at = from; at < text.length; at++) {
                if (text[at] == mark) {
                    return at;
                }
            }
            return -1;
        }

        private static int skipBlanks(byte[] text, int from) {
            int at = from;
            while (at < text.length && text[at] == ' ') {
                at++;
            }
            return at;
        }

        private static int endOfDigits(byte[] text, int from) {
            int at = from;
            while (at < text.length && text[at] >= '0' && text[at] <= '9') {
                at++;
            }
            return at;
        }

        private static long number(byte[] text, int from, int to) {
            long number = 0;
            for (int i = from; i < to; i++) {
                number = number * 10 + text[i] - '0';
            }
            return number;
        }
    }
}
