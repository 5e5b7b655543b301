/**
 * The moment at which rows count: commit log, lease, checkpoint, seen keys, state database.
 *
 * <p>In: {@link dev.caravan.batch.SealedFile}s, the keys of their records, and the progress they stand for. Out: a
 * {@link dev.caravan.commit.Commit}, and its files where readers look. The commits are the truth; the database is a fast
 * copy of them that is rebuilt when it is lost or doubted. Refuses whoever lost the {@link dev.caravan.commit.Lease}, and
 * file systems on which a lock proves nothing.
 *
 * <p>The way of a batch: {@code stage, seal, commit, rename into place, database}. A crash between any two of these is
 * mended by {@link dev.caravan.commit.Recovery}, which every lease begins with.
 */
@NullMarked
package dev.caravan.commit;

import org.jspecify.annotations.NullMarked;
