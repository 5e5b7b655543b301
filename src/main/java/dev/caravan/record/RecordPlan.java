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
    /** What stands in for a cursor that is missing or null, -1 for nothing. */
    final int cursorOr;

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
        List<JsonPath> wanted = new ArrayList<>(layout.key());
        CursorField field = layout.cursor();
        this.cursor = field == null ? -1 : FIRST_OF_RECORD + wanted.size();
        if (field != null) {
            wanted.add(field.field());
        }
        JsonPath or = field == null ? null : field.or();
        this.cursorOr = or == null ? -1 : FIRST_OF_RECORD + wanted.size();
        if (or != null) {
            wanted.add(or);
        }
        String indexName = layout.records().index();
        this.index = indexName == null ? -1 : FIRST_OF_RECORD + wanted.size();
        if (indexName != null) {
            wanted.add(JsonPath.named(indexName));
        }
        this.firstLast = FIRST_OF_RECORD + wanted.size();
        layout.last().forEach(each -> wanted.add(JsonPath.parse(each)));
        this.firstCaptured = FIRST_OF_RECORD + wanted.size();
        this.targets = firstCaptured + layout.captured().size();
        List<JsonPath> paths = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (JsonPath each : layout.records().paths()) {
            JsonPath container = shape == Shape.ARRAY ? each.container() : each;
            paths.add(container);
            numbers.add(CONTAINER);
            for (JsonPath record : records(container)) {
                paths.add(record);
                numbers.add(RECORD);
                for (int i = 0; i < wanted.size(); i++) {
                    paths.add(record.then(wanted.get(i)));
                    numbers.add(FIRST_OF_RECORD + i);
                }
            }
        }
        for (int i = 0; i < layout.captured().size(); i++) {
            paths.add(JsonPath.parse(layout.captured().get(i)));
            numbers.add(firstCaptured + i);
        }
        this.searched = new boolean[targets];
        for (int i = 0; i < paths.size(); i++) {
            searched[numbers.get(i)] |= paths.get(i).isSearch();
        }
        this.tree = PathTree.of(paths, numbers);
    }

    private List<JsonPath> records(JsonPath container) {
        return switch (shape) {
            case ARRAY -> List.of(container.elements());
            case OBJECT -> List.of(container.members());
            case EITHER -> List.of(container.members(), container.elements());
            default -> List.of(container);
        };
    }
}
