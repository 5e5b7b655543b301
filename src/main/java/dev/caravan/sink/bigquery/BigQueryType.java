package dev.caravan.sink.bigquery;

import com.google.cloud.bigquery.StandardSQLTypeName;
import dev.caravan.sink.CellType;
import dev.caravan.sink.Cells;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Set;

/** The types of BigQuery's columns that rows are written to. */
enum BigQueryType {
    BOOL,
    INT64,
    NUMERIC,
    BIGNUMERIC,
    FLOAT64,
    STRING,
    /** Of columns that somebody made, or that a table is partitioned by, as the types of times that follow. */
    TIMESTAMP,
    DATE,
    DATETIME,
    TIME,
    /** Of columns that somebody made and nothing is written to. */
    OTHER;

    /** Digits before and behind the point of a NUMERIC. */
    private static final int NUMERIC_WHOLE = 29;

    private static final int NUMERIC_SCALE = 9;
    private static final Set<BigQueryType> TIMES = Set.of(TIMESTAMP, DATE, DATETIME, TIME);
    private static final DateTimeFormatter WRITTEN = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");

    /** Returns the type of a column that holds what was seen. */
    static BigQueryType of(CellType type) {
        return switch (type.base()) {
            case NONE, TEXT -> STRING;
            case BOOLEAN -> BOOL;
            case INT64 -> INT64;
            case DECIMAL -> type.whole() <= NUMERIC_WHOLE && type.scale() <= NUMERIC_SCALE ? NUMERIC : BIGNUMERIC;
            case DOUBLE -> FLOAT64;
        };
    }

    /** Returns the type that the API shows, which has old names for some of them. */
    static BigQueryType shown(String type) {
        String name =
                switch (type) {
                    case "INTEGER" -> "INT64";
                    case "BOOLEAN" -> "BOOL";
                    case "FLOAT" -> "FLOAT64";
                    default -> type;
                };
        return Arrays.stream(values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(OTHER);
    }

    StandardSQLTypeName google() {
        return StandardSQLTypeName.valueOf(name());
    }

    /** Returns what is known of a column of this type before any value comes: decimals are compared by what they need. */
    CellType seed() {
        CellType seed = new CellType();
        return switch (this) {
            case BOOL -> seed.or(CellType.Base.BOOLEAN, 0, 0);
            case INT64 -> seed.or(CellType.Base.INT64, 0, 0);
            case NUMERIC, BIGNUMERIC -> seed.or(CellType.Base.DECIMAL, 1, 0);
            case FLOAT64 -> seed.or(CellType.Base.DOUBLE, 0, 0);
            default -> seed.or(CellType.Base.TEXT, 0, 0);
        };
    }

    /** Whether every value of {@code other} is one of this. */
    boolean holds(BigQueryType other) {
        return this == other
                || switch (this) {
                    case NUMERIC -> other == INT64;
                    case BIGNUMERIC -> other == INT64 || other == NUMERIC;
                    case FLOAT64, STRING -> false;
                    default -> TIMES.contains(this) && other == STRING;
                };
    }

    /** Whether a column of this type holds a value. */
    boolean holds(Cells.Kind kind, String text) {
        if (kind == Cells.Kind.NULL || this == STRING) {
            return true;
        }
        if (this == OTHER) {
            return false;
        }
        if (TIMES.contains(this)) {
            try {
                time(kind, text);
                return true;
            } catch (DateTimeException e) {
                return false;
            }
        }
        CellType alone = this == FLOAT64 ? seed() : new CellType();
        alone.take(kind, text);
        return holds(of(alone));
    }

    /** Whether somebody chose it, so that each value has to be looked at. */
    boolean isForeign() {
        return this == OTHER || TIMES.contains(this);
    }

    /**
     * Returns a value as JSON takes it, numbers as texts, so that no digit is lost.
     *
     * @throws IllegalArgumentException if this type does not hold it
     */
    Object written(Cells.Kind kind, String text) {
        return switch (this) {
            case BOOL -> text.equals("true");
            case INT64 -> new BigDecimal(text).toBigIntegerExact().toString();
            case NUMERIC, BIGNUMERIC -> new BigDecimal(text).toPlainString();
            case FLOAT64, STRING -> text;
            case TIMESTAMP, DATE, DATETIME, TIME -> {
                try {
                    yield time(kind, text);
                } catch (DateTimeException e) {
                    throw new IllegalArgumentException("not %s: '%s'".formatted(this, text), e);
                }
            }
            case OTHER -> throw new IllegalArgumentException("nothing is written to a column of this type");
        };
    }

    private String time(Cells.Kind kind, String text) {
        if (kind != Cells.Kind.TEXT) {
            throw new DateTimeException("no text");
        }
        return switch (this) {
            case DATE -> LocalDate.parse(text).toString();
            case TIME -> LocalTime.parse(text).truncatedTo(ChronoUnit.MICROS).toString();
            case DATETIME -> WRITTEN.format(local(text));
            default -> WRITTEN.format(instant(text)) + " UTC";
        };
    }

    private static LocalDateTime local(String text) {
        return text.length() == 10 ? LocalDate.parse(text).atStartOfDay() : LocalDateTime.parse(text.replace(' ', 'T'));
    }

    /** A time without a zone is UTC, as BigQuery takes it. */
    private static LocalDateTime instant(String text) {
        String time = text.endsWith(" UTC") ? text.substring(0, text.length() - 4) + "Z" : text;
        try {
            return OffsetDateTime.parse(time.replaceFirst("(?<=\\d) (?=\\d)", "T"))
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .toLocalDateTime();
        } catch (DateTimeException e) {
            return local(time);
        }
    }
}
