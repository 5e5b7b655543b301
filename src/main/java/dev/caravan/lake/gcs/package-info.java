/**
 * A lake in Google Cloud Storage.
 *
 * <p>In: settings and an address. Out: a {@link dev.caravan.lake.Bucket}. Refuses what the store says in a way that tells who has to
 * do what.
 */
@NullMarked
package dev.caravan.lake.gcs;

import org.jspecify.annotations.NullMarked;
