package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks whether an answer has changed, by the validator that the one before carried. */
public final class Validators {
    private static final Pattern ETAG = Pattern.compile("(W/)?\"[\\x21\\x23-\\x7e]{0,500}\"");

    private Validators() {}

    /** Returns {@code request} that asks for an answer only if it differs from the one {@code etag} belongs to; null asks always. */
    public static Request ask(Request request, @Nullable String etag) {
        return etag == null ? request : request.withHeader("If-None-Match", etag);
    }

    /** Returns the answer's validator; one that is not written as RFC 9110 has it counts as none. */
    public static Optional<String> of(Answer answer) {
        return answer.headers().first("etag").map(String::strip).filter(each -> ETAG.matcher(each)
                .matches());
    }
}
