package dev.caravan.sink;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Rows without the values that a table has no room for: of each row the cells of known columns that hold them. What Caravan adds stays.
 */
final class FittingRows implements Rows {
    private static final String OURS = "_caravan_";

    private final Rows rows;
    private final Map<String, CellType> columns;
    private final Fits fits;
    private final Consumer<String> leftOut;

    /** Whether a column holds a value. */
    interface Fits {
        boolean holds(CellType column, Cells.Kind kind, String text);
    }

    /**
     * @param columns what each column of the table holds
     * @param leftOut hears of fields that are left out, again and again
     */
    FittingRows(Rows rows, Map<String, CellType> columns, Fits fits, Consumer<String> leftOut) {
        this.rows = rows;
        this.columns = columns;
        this.fits = fits;
        this.leftOut = leftOut;
    }

    @Override
    public void forEach(Rows.Taker taker) throws IOException, SQLException {
        Cells cells = new Cells(true);
        rows.forEach((row, length) -> {
            StringBuilder fitting = new StringBuilder("{");
            cells.read(row, length, (field, kind, text) -> {
                CellType column = columns.get(field);
                boolean known = column != null && fits.holds(column, kind, text);
                if (known || field.startsWith(OURS)) {
                    add(fitting, field, kind, text);
                } else if (kind != Cells.Kind.NULL) {
                    leftOut.accept(field);
                }
            });
            byte[] bytes = fitting.append('}').toString().getBytes(StandardCharsets.UTF_8);
            taker.take(bytes, bytes.length);
        });
    }

    private static void add(StringBuilder row, String field, Cells.Kind kind, String text) {
        if (row.length() > 1) {
            row.append(',');
        }
        row.append('"')
                .append(JsonStringEncoder.getInstance().quoteAsString(field))
                .append("\":");
        if (kind == Cells.Kind.TEXT || kind == Cells.Kind.JSON) {
            row.append('"')
                    .append(JsonStringEncoder.getInstance().quoteAsString(text))
                    .append('"');
        } else {
            row.append(text);
        }
    }
}
