package dev.caravan.sink;

import java.math.BigDecimal;

/**
 * The narrowest type of a column that holds every value seen, exactly: boolean, int64, decimal, double, text. Not safe for several
 * threads.
 */
public final class CellType {
    /** Most digits of a decimal, as DuckDB, Parquet's readers and BigQuery have it. */
    static final int MOST_DIGITS = 38;

    private static final int LONG_DIGITS = 18;

    /** A double holds every number of so many digits, as long as its exponent is not an extreme one. */
    private static final int SURE_DIGITS = 15;

    private static final int SURE_SCALE = 290;

    /** What a column is made of. */
    public enum Base {
        /** Nothing but null. */
        NONE,
        BOOLEAN,
        INT64,
        DECIMAL,
        DOUBLE,
        TEXT
    }

    private boolean booleans;
    private boolean numbers;
    private boolean texts;
    private boolean wideIntegers;
    private boolean doubles = true;
    private int whole;
    private int scale;

    /** Takes a value into account. */
    public void take(Cells.Kind kind, String text) {
        switch (kind) {
            case NULL -> {}
            case BOOLEAN -> booleans = true;
            case TEXT, JSON -> texts = true;
            case NUMBER -> {
                numbers = true;
                if (!texts) {
                    number(text);
                }
            }
        }
    }

    private void number(String text) {
        int length = text.length();
        if (length <= LONG_DIGITS && isInteger(text)) {
            whole = Math.max(whole, text.charAt(0) == '-' ? length - 1 : length);
            doubles = doubles && (length <= SURE_DIGITS || isDouble(new BigDecimal(text)));
            return;
        }
        BigDecimal value = new BigDecimal(text);
        long places = Math.max(0, value.scale());
        long digits = Math.max(0, (long) value.precision() - value.scale());
        whole = (int) Math.max(whole, Math.min(digits, Integer.MAX_VALUE));
        scale = (int) Math.max(scale, places);
        if (value.scale() <= 0 && digits > LONG_DIGITS) {
            wideIntegers |= digits > LONG_DIGITS + 1 || value.toBigInteger().bitLength() > Long.SIZE - 1;
        }
        doubles = doubles && isDouble(value);
    }

    private static boolean isInteger(String text) {
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** Whether a double is this number, as the shortest text of the double has it. */
    private static boolean isDouble(BigDecimal value) {
        if (value.precision() <= SURE_DIGITS && Math.abs((long) value.scale()) < SURE_SCALE) {
            return true;
        }
        double near = value.doubleValue();
        return !Double.isInfinite(near) && new BigDecimal(Double.toString(near)).compareTo(value) == 0;
    }

    /** Makes this hold what a column of another type holds, too. */
    public CellType or(Base base, int otherWhole, int otherScale) {
        switch (base) {
            case NONE -> {}
            case BOOLEAN -> booleans = true;
            case TEXT -> texts = true;
            case INT64 -> {
                numbers = true;
                whole = Math.max(whole, LONG_DIGITS + 1);
                doubles = false;
            }
            case DECIMAL -> {
                numbers = true;
                wideIntegers = true;
                whole = Math.max(whole, otherWhole);
                scale = Math.max(scale, otherScale);
                doubles = doubles && otherWhole + otherScale <= SURE_DIGITS;
            }
            case DOUBLE -> {
                numbers = true;
                whole = MOST_DIGITS + 1;
            }
        }
        return this;
    }

    /** Makes this hold what another type holds, too. */
    public CellType or(CellType other) {
        return or(other.base(), other.whole(), other.scale());
    }

    public Base base() {
        if (texts || (booleans && numbers)) {
            return Base.TEXT;
        }
        if (booleans) {
            return Base.BOOLEAN;
        }
        if (!numbers) {
            return Base.NONE;
        }
        if (scale == 0 && !wideIntegers && whole <= LONG_DIGITS + 1) {
            return Base.INT64;
        }
        if (whole + (long) scale <= MOST_DIGITS) {
            return Base.DECIMAL;
        }
        return doubles ? Base.DOUBLE : Base.TEXT;
    }

    /** Digits before the point of a decimal. */
    public int whole() {
        return Math.max(1, whole);
    }

    /** Digits behind the point of a decimal. */
    public int scale() {
        return scale;
    }
}
