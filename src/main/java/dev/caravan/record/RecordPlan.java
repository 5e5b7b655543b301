package dev.caravan.record;

import dev.caravan.json.JsonPath;
import dev.caravan.json.PathTree;
import dev.caravan.record.RecordsSettings.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A layout made ready for one walk over a document: every path is a target, a number.
 *
 * <p>The order is container, record, what a record is asked for (key fields, cursor, index, last-record paths), what the
 * answer is asked for. Immutable.
 */
final class RecordPlan {
    static final int CONTAINER = 0;
    static final int RECORD = 1;
    static final int FIRST_OF_RECORD = 2;

    final RecordLayout layout;
    final RecordRules rules;
    final Shape shape;
    final boolean objectForArray;
    final PathTree tree;
    final int cursor;
    final int index;
    final int firstLast;
    final int firstCaptured;
    final int targets;
    /** Of each target, whether its path looks for a name at any depth, so that the place nearest to the root counts. */
    final boolean[] searched;

    /** @param objectForArray whether an object in the place of the array is taken for its only element */
    RecordPlan(RecordLayout layout, RecordRules rules, boolean objectForArray) {
        this.layout = layout;
        this.rules = rules;
        this.shape = layout.records().as();
        this.objectForArray = objectForArray;
        JsonPath container = layout.records().path();
        JsonPath record = container;
        if (shape == Shape.ARRAY) {
            container = container.container();
            record = container.elements();
        } else if (shape == Shape.OBJECT) {
            record = container.members();
        }
        List<JsonPath> paths = new ArrayList<>(List.of(container, record));
        for (JsonPath each : layout.key()) {
            paths.add(record.then(each));
        }
        CursorField field = layout.cursor();
        this.cursor = field == null ? -1 : paths.size();
        if (field != null) {
            paths.add(record.then(field.field()));
        }
        String indexName = layout.records().index();
        this.index = indexName == null ? -1 : paths.size();
        if (indexName != null) {
            paths.add(record.then(JsonPath.named(indexName)));
        }
        this.firstLast = paths.size();
        for (String each : layout.last()) {
            paths.add(record.then(JsonPath.parse(each)));
        }
        this.firstCaptured = paths.size();
        for (String each : layout.captured()) {
            paths.add(JsonPath.parse(each));
        }
        this.targets = paths.size();
        this.searched = new boolean[targets];
        for (int i = 0; i < targets; i++) {
            searched[i] = paths.get(i).isSearch();
        }
        this.tree = PathTree.of(paths);
    }
}
