package dev.caravan.record;

/**
 * A record that cannot be used.
 *
 * @param position its place among the records of its page, from 0
 * @param reason what is wrong with it, for people
 * @param raw its JSON as received
 */
public record Reject(int position, String reason, String raw) {}
