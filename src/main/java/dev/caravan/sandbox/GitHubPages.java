package dev.caravan.sandbox;

import java.util.ArrayList;
import java.util.List;

/** One numbered page of a list, and the Link header that leads to the others. */
record GitHubPages(long page, long perPage, long total) {
    private static final long MOST = 100;
    private static final long USUAL = 30;
    private static final long FARTHEST = 1_000_000_000;

    /** Reads {@code page} and {@code per_page}; what makes no sense is replaced, not refused. */
    static GitHubPages of(Query query, long total) {
        long perPage = Math.min(MOST, number(query, "per_page", USUAL));
        return new GitHubPages(Math.min(FARTHEST, number(query, "page", 1)), perPage, total);
    }

    long from() {
        return Math.min(total, (page - 1) * perPage);
    }

    long to() {
        return Math.min(total, page * perPage);
    }

    /** The page as an answer; without a Link header when everything fits in one. */
    Answer linked(JsonBuffer records, Ask ask, String path) {
        Answer answer = Answer.json(200, records);
        long last = Math.max(1, (total + perPage - 1) / perPage);
        if (last == 1 && page == 1) {
            return answer;
        }
        List<String> links = new ArrayList<>();
        if (page > 1) {
            links.add(link(ask, path, Math.min(page - 1, last), "prev"));
        }
        if (page < last) {
            links.add(link(ask, path, page + 1, "next"));
            links.add(link(ask, path, last, "last"));
        }
        if (page > 1) {
            links.add(link(ask, path, 1, "first"));
        }
        return answer.with("Link", String.join(", ", links));
    }

    private static String link(Ask ask, String path, long page, String relation) {
        String query = ask.query().with("page", Long.toString(page)).encoded();
        return "<%s%s?%s>; rel=\"%s\"".formatted(ask.origin(), path, query, relation);
    }

    private static long number(Query query, String name, long otherwise) {
        try {
            long number = Long.parseLong(query.first(name).orElse(""));
            return number < 1 ? otherwise : number;
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
