package dev.caravan.run;

import java.time.Instant;
import java.util.Map;

/**
 * What requests and records may say about the run.
 *
 * @param now when it is asked
 * @param vars values given to it
 */
record RunContext(String id, Instant started, Instant now, Map<String, String> vars) {}
