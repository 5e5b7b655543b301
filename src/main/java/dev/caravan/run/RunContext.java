package dev.caravan.run;

import java.time.Instant;

/** What requests and records may say about the run: its id and when it began. */
record RunContext(String id, Instant started) {}
