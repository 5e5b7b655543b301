/**
 * A lake in S3, or in a store that speaks its language.
 *
 * <p>In: settings and an address. Out: a {@link dev.caravan.lake.Bucket}. Refuses what a store says in a way that tells who has to
 * do what.
 */
@NullMarked
package dev.caravan.lake.s3;

import org.jspecify.annotations.NullMarked;
