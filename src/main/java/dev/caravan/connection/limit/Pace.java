package dev.caravan.connection.limit;

import java.util.OptionalDouble;

/** How fast something may be taken. Times are nanoseconds of one clock that never goes back. For one thread at a time. */
interface Pace {
    /** Returns the nanoseconds until {@code cost} may be taken, 0 if it may be now. */
    long wait(double cost, long now);

    /** Takes it. */
    void take(double cost, long now);

    /**
     * A request is answered that had taken something.
     *
     * @param taken when it had
     * @param late how much longer than the quickest of its kind it was on its way; so much later it may have arrived
     * @param usual how long the quickest takes
     */
    void answered(long taken, long late, long usual);

    /** Returns the most that can be saved up. */
    double burst();

    /** Corrects what is left by what the vendor says of it. */
    void correct(OptionalDouble left, OptionalDouble rate, OptionalDouble burst, long now);
}
