package dev.caravan.sandbox;

/**
 * A row that a vendor keeps.
 *
 * @param scope what the stream is narrowed to by its address; empty for a vendor's only list
 * @param id as control calls name it
 * @param record as the vendor's lists show it
 */
record Kept(String scope, String id, JsonBuffer record) {}
