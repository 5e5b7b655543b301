package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.Details;
import dev.caravan.page.PageContent;
import dev.caravan.record.RecordPage;
import dev.caravan.record.SourceRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A page whose records are asked for one by one. It counts when all of them are there; until then nothing of it does. Safe for
 * the threads of its lanes.
 */
final class DetailPage {
    private final Details details;
    private final RecordPage list;
    private final int repeated;
    private final PageContent content;
    private final Function<byte[], Request> requests;
    private final AtomicReferenceArray<byte[]> records;
    private final AtomicReferenceArray<String> skipped;
    private final Errands errands;

    /** @param requests makes the request for a record of the page */
    DetailPage(Details details, RecordPage list, PageContent content, Function<byte[], Request> requests) {
        this.details = details;
        this.list = once(details, list);
        this.repeated = list.records().size() - this.list.records().size();
        this.content = content;
        this.requests = requests;
        this.records = new AtomicReferenceArray<>(this.list.records().size());
        this.skipped = new AtomicReferenceArray<>(this.list.records().size());
        this.errands = new Errands(
                IntStream.range(0, records.length()).mapToObj(One::new).toList(), true);
    }

    /** A list of changes names a record as often as it changed; it is asked for once. */
    private static RecordPage once(Details details, RecordPage list) {
        Set<Object> known = new HashSet<>();
        List<SourceRecord> first = list.records().stream()
                .filter(record -> details.identity(stub(record)).map(known::add).orElse(true))
                .toList();
        return new RecordPage(first, list.captured(), list.last(), list.rejects());
    }

    private static byte[] stub(SourceRecord record) {
        return Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
    }

    /** Returns how many records of the list would have asked for what another one asks for. */
    int repeated() {
        return repeated;
    }

    RecordPage list() {
        return list;
    }

    PageContent content() {
        return content;
    }

    Errands errands() {
        return errands;
    }

    int lanes() {
        return Math.min(details.settings().parallel(), records.length());
    }

    /** Returns the reasons for which records were left out. */
    List<String> skipped() {
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < skipped.length(); i++) {
            String reason = skipped.get(i);
            if (reason != null) {
                reasons.add(reason);
            }
        }
        return reasons;
    }

    /** Returns all records as one document. */
    byte[] joined() {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write('[');
        for (int i = 0; i < records.length(); i++) {
            byte[] record = records.get(i);
            if (record != null) {
                if (joined.size() > 1) {
                    joined.write(',');
                }
                joined.writeBytes(record);
            }
        }
        joined.write(']');
        return joined.toByteArray();
    }

    /** The request for one record. */
    private final class One implements Errands.Errand {
        private final int index;

        One(int index) {
            this.index = index;
        }

        private byte[] stub() {
            return DetailPage.stub(list.records().get(index));
        }

        @Override
        public Request request() {
            return requests.apply(stub());
        }

        @Override
        public void take(Request asked, Answer answer, PageMemory.Part room) {
            try {
                byte[] record = details.record(stub(), answer.body())
                        .orElseThrow(() -> new IOException(
                                "there is nothing at " + details.settings().record()));
                room.adopt();
                records.set(index, record);
            } catch (IOException e) {
                room.dropPage();
                throw new PullException(
                        Remedy.RETRY, "%s: the answer is no record: %s".formatted(asked.redacted(), e.getMessage()), e);
            }
        }

        @Override
        public boolean refused(Answers.Meaning meaning) {
            @Nullable
            String reason = meaning instanceof Answers.SkipRecord skip
                    ? skip.reason()
                    : meaning instanceof Answers.End ? "there is no such record" : null;
            if (reason != null) {
                skipped.set(index, reason);
            }
            return reason != null;
        }
    }
}
