package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowsTest {
    private static final VendorFile STRIPE = VendorFile.read("stripe", 5_000_000, Clock.systemUTC());

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 2_500, 20_000_000})
    void timesNeverFallAndStayInTheSpan(long rows) {
        Timeline timeline = new Timeline(1_000, 8_000_000, rows, 42);
        long before = 1_000;
        for (long index = 0; index < rows; index += 1 + rows / 10_000) {
            long time = timeline.at(index);
            assertThat(time).isBetween(before, 7_999_999L);
            before = time;
        }
    }

    @Test
    void timesNeverMeetWhileThereAreFewerRowsThanSeconds() {
        Timeline timeline = new Timeline(0, 10_000, 3_000, 7);

        assertThat(LongStream.range(0, 3_000).map(timeline::at).distinct()).hasSize(3_000);
    }

    @Test
    void everyIdLeadsBackToItsIndex() {
        Rows rows = STRIPE.list("charges", Scope.WHOLE);
        for (long index = 0; index < rows.size(); index += 104_729) {
            assertThat(rows.find(STRIPE.id("charges", Scope.WHOLE, index))).hasValue(index);
        }
        String beyond = STRIPE.id("charges", Scope.WHOLE, rows.size());
        assertThat(rows.find(beyond)).isEmpty();
        assertThat(rows.find("ch_1Sandboxzzzzzzzzzzz")).isEmpty();
        assertThat(rows.find("")).isEmpty();
    }

    @Test
    void hashingIsUndone() {
        for (long number = -3; number < 1_000_000; number += 997) {
            assertThat(Hash.unmix(Hash.mix(number))).isEqualTo(number);
        }
    }

    @Test
    void theFirstRowAtOrAfterASecondIsFound() {
        Rows rows = STRIPE.list("charges", Scope.WHOLE);
        for (long position = 0; position < rows.size(); position += 499_979) {
            long time = rows.at(position).time();
            assertThat(rows.firstAtOrAfter(time)).isEqualTo(position);
            assertThat(rows.firstAtOrAfter(time + 1)).isEqualTo(position + 1);
        }
    }

    @Test
    void movedAndAppendedRowsStandOnceBehindTheOthers() {
        Amendments amendments = Amendments.none(10, true)
                .edit(3)
                .append(2, -1, Row.Subject.NONE)
                .edit(0)
                .edit(10)
                .edit(3);
        long[] order =
                LongStream.range(0, amendments.size()).map(amendments::indexAt).toArray();

        assertThat(order).containsExactly(1, 2, 4, 5, 6, 7, 8, 9, 11, 0, 10, 3);
        Set<Long> positions = new HashSet<>();
        for (long index : order) {
            assertThat(amendments.indexAt(amendments.positionOf(index))).isEqualTo(index);
            positions.add(amendments.positionOf(index));
        }
        assertThat(positions).hasSize(12);
        assertThat(amendments.version(3)).isEqualTo(2);
    }

    @Test
    void amendmentsAreBounded() {
        assertThatThrownBy(() -> Amendments.none(1, false).append(Amendments.MOST + 1, -1, Row.Subject.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
