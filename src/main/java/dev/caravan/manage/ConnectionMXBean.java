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

    /** Returns until when the vendor wants to be left alone and why, empty if it does not. */
    String getHeld();

    /** Ends a hold early. */
    void release();
}
