package dev.caravan.manage;

/** A connection, as JMX and Hawtio show it. */
public interface ConnectionMXBean {
    String getConnection();

    String getVendor();

    /** Returns {@code real} or {@code stub}. */
    String getOrigin();

    /** Returns why nothing can be asked, empty if nothing is in the way. */
    String getObstacle();

    /** Returns the requests open at this moment. */
    int getInFlight();

    /** Returns until when the vendor is left alone and why, empty if it is not. */
    String getHeld();

    /** Returns whether the vendor is taken to be down: {@code closed}, {@code open}, {@code half-open} or {@code off}. */
    String getBreaker();

    /** Ends a hold early, closes the breaker, and forgets what the vendor said is left of its quota. */
    void release();
}
