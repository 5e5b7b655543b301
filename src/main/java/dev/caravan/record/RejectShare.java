package dev.caravan.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * The largest share of records that may be rejected, {@code 5%}.
 *
 * @param percent 0 to 100
 * @param least how many records must have been read before the share counts
 */
public record RejectShare(BigDecimal percent, long least) {
    /** For streams that say nothing: more than half of many is a mistake, one bad record of a quiet stream is not. */
    public static final RejectShare USUAL = new RejectShare(BigDecimal.valueOf(50), 100);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,4})?)\\s*%");
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /** Reads a share as vendor files write it. */
    @JsonCreator
    public static RejectShare parse(String text) {
        var matcher = TEXT.matcher(text.trim());
        if (!matcher.matches() || new BigDecimal(matcher.group(1)).compareTo(HUNDRED) > 0) {
            throw new IllegalArgumentException(
                    "max-rejected '%s' is not a share, write one from 0%% to 100%%, such as 5%%".formatted(text));
        }
        return new RejectShare(new BigDecimal(matcher.group(1)), 1);
    }

    /** Tells whether {@code rejected} of {@code read} records are more than this. */
    public boolean isExceeded(long rejected, long read) {
        return read >= least
                && BigDecimal.valueOf(rejected).multiply(HUNDRED).compareTo(percent.multiply(BigDecimal.valueOf(read)))
                        > 0;
    }

    /** Returns a share as people read it, rounded up: a little is never nothing. */
    public static String percent(long part, long whole) {
        return BigDecimal.valueOf(part)
                        .multiply(HUNDRED)
                        .divide(BigDecimal.valueOf(Math.max(1, whole)), 1, RoundingMode.UP)
                        .stripTrailingZeros()
                        .toPlainString()
                + "%";
    }

    @Override
    public String toString() {
        String share = percent.toPlainString() + "%";
        return least > 1 ? share + " (from %,d records on)".formatted(least) : share;
    }
}
