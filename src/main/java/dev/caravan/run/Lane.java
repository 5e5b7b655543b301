package dev.caravan.run;

/** Requests of one slice that are sent one after the other, while others of the slice are on their way beside them. */
public interface Lane extends Fetching {
    /** Whether another request follows. Waits here for quota and holds. */
    boolean isMore();

    /** Hears that a request failed for good; what that means for the slice is settled when all its lanes have ended. */
    void failed(Exception failure);
}
