package dev.caravan.run;

import java.time.Instant;

/**
 * Something that changed how Caravan pulls: a line of the audit.
 *
 * @param at when
 * @param by who
 * @param action what, such as {@code pause}
 * @param target the stream's or connection's id, or the file's name
 * @param before how it was
 * @param after how it is
 */
public record Act(Instant at, By by, String action, String target, String before, String after) {}
