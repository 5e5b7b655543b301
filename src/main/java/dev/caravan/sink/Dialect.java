package dev.caravan.sink;

import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What databases do differently. */
interface Dialect {
    /** Name of the database, for messages. */
    String name();

    /** Bytes of the name of a column at most. */
    int longestName();

    /** Returns the type of a column that holds what was seen. */
    String type(CellType type);

    /** Returns what a column of a table can hold; {@link CellType.Base#TEXT} for types of others. */
    Held held(String type, int size, int scale);

    /**
     * Opens a session with a transaction.
     *
     * @throws SQLException if the database cannot be reached
     */
    Connection open() throws SQLException;

    /** Appends rows to a table that has exactly these columns, in this order. */
    void load(Connection session, TableName table, List<Columns.Column> columns, Rows rows)
            throws SQLException, IOException;

    /** Makes rows of a table be found by a column, if that helps here. */
    void index(Connection session, TableName table, String column) throws SQLException;

    /** Returns what stands for the place of a row in a table, the greater the later it was loaded. */
    String place();

    /** Whether {@link #check} may refuse a text of a record. */
    boolean mayRefuse(SourceRecord record);

    /** Refuses a text that a column cannot hold. */
    void check(String text) throws IOException;

    /** Returns the start of a statement that makes a table which goes with its transaction or session. */
    String temporaryTable();

    /** Returns what a person does about a failure, a sentence. */
    String advice(SQLException e);

    /** Returns whether others have just made the same, or whether it may go well at once if it is tried again. */
    boolean isPassing(SQLException e);

    /**
     * What a column can hold.
     *
     * @param narrow whether it is an integer of fewer than 64 bits
     */
    record Held(CellType.Base base, int whole, int scale, boolean narrow) {
        static Held of(CellType.Base base) {
            return new Held(base, 0, 0, false);
        }
    }
}
