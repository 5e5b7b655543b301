package dev.caravan.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.testkit.ShippedStreams;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schemas of the files in {@code routes/}: what vendors document passes, and what would be another thing is told. */
class VendorSchemasTest {
    /** Streams whose records have no fields that a vendor documents, or whose file says why. */
    private static final List<String> WITHOUT = List.of(
            "facebook-marketing-ad-accounts",
            "google-ads-customer-clients",
            "google-sheets-rows",
            "google-sheets-tabs",
            "s3-files",
            "shopify-orders-bulk"); // orders and their lines

    private static final Map<String, StreamDefinition> STREAMS = ShippedStreams.all();

    @Test
    void everyStreamOfTheVendorsThatDocumentTheirFieldsHasOne() {
        assertThat(STREAMS.keySet())
                .filteredOn(id -> !id.matches("(github|open-meteo|stripe)-.*") && !WITHOUT.contains(id))
                .hasSizeGreaterThan(30)
                .allSatisfy(id -> assertThat(schema(id)).as(id).isNotNull());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    slack-channels       | {"id":"C1","name":"general","created":1449252889,"is_member":true,"topic":{"value":""}}
                    slack-messages       | {"type":"message","bot_id":"B1","text":"hi","ts":"1512085950.000216","reply_count":3,"latest_reply":"1512104434.000490"}
                    slack-thread-replies | {"type":"message","user":"U1","text":"","ts":"1483051909.018632","thread_ts":"1482960137.003543","parent_user_id":"U2"}
                    slack-users          | {"id":"W1","deleted":true,"updated":1502138686,"profile":{}}
                    hubspot-contacts     | {"id":"512","properties":{"email":"a@example.com","phone":null,"score":"17"},"createdAt":"2024-02-01T09:00:00.000Z","updatedAt":"2025-06-01T10:20:30.123Z","archived":false}
                    hubspot-deals-list   | {"id":"7","properties":{"amount":"1500.00"},"archived":true,"archivedAt":"2025-05-31T12:00:00.000Z","associations":{"contacts":{"results":[]}}}
                    hubspot-owners       | {"id":"33","email":"o@example.com","userId":44,"createdAt":"2024-02-01T09:00:00.000Z","archived":false}
                    mautic-contacts      | {"id":47,"dateAdded":"2025-05-21T12:27:12-05:00","dateModified":null,"points":10,"fields":{"core":{},"social":[]}}
                    mautic-contacts      | {"id":"47","dateAdded":null,"fields":[]}
                    mautic-emails        | {"id":1,"name":"June","sentCount":400,"dateModified":null}
                    mautic-campaigns     | {"id":3,"events":{"22":{"id":22}},"dateAdded":"2025-05-15T15:06:14+00:00"}
                    mautic-email-stats   | {"id":"9001","date_sent":"2025-06-01 10:00:00","is_read":"1","ip_id":null}
                    gmail-messages       | {"id":"18c1","threadId":"18c1","internalDate":"1748772000000","historyId":"18446744073709551615","payload":{"mimeType":"text/plain"}}
                    gmail-history        | {"id":"987700","messages":[{"id":"18c1","threadId":"18c1"}],"labelsAdded":[{"message":{"id":"18c1"},"labelIds":["STARRED"]}]}
                    """)
    void takesWhatIsDocumented(String stream, String record) {
        assertThat(violation(stream, record)).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    slack-channels       | {"name":"general"} | required
                    slack-channels       | {"id":"C1","is_member":"yes"} | $.is_member
                    slack-messages       | {"type":"message","ts":1512085950.000216} | $.ts
                    slack-thread-replies | {"type":"message","ts":"1483051909"} | $.ts
                    slack-users          | {"id":"W1","updated":"2017"} | $.updated
                    hubspot-contacts     | {"id":512,"properties":{}} | $.id
                    hubspot-companies    | {"id":"1","properties":{"employees":17}} | $.properties
                    hubspot-owners       | {"id":"33","archived":"false"} | $.archived
                    mautic-contacts      | {"dateAdded":"2025-05-21T12:27:12-05:00"} | required
                    mautic-email-stats   | {"id":"9001"} | required
                    mautic-campaigns     | {"id":3,"dateModified":1748772000} | $.dateModified
                    gmail-messages       | {"id":"18c1","internalDate":1748772000000} | $.internalDate
                    gmail-history        | {"id":"987700","messages":{}} | $.messages
                    """)
    void tellsWhatWouldBeAnotherThing(String stream, String record, String what) {
        assertThat(violation(stream, record)).contains(what);
    }

    private static @Nullable JsonNode schema(String stream) {
        return Objects.requireNonNull(STREAMS.get(stream), stream).stream().schema();
    }

    private static @Nullable String violation(String stream, String record) {
        JsonNode schema = Objects.requireNonNull(schema(stream), stream);
        byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
        return RecordSchema.of(schema).violation(bytes, 0, bytes.length);
    }
}
