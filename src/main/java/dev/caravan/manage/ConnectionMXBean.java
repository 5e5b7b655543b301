package dev.caravan.manage;

import java.util.List;

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

    /** Returns the quotas that hold now, such as {@code 20 per 1s, burst 5}. */
    List<String> getQuotas();

    /** Returns the rate that was put in the place of the declared one, in requests a second; 0 if none was. */
    double getChangedRate();

    /** Returns how many requests may be open at once. */
    int getMaxInFlight();

    /** Puts a rate in the place of the declared one, in requests a second, until the process ends or {@link #restore}. */
    void changeRate(double perSecond);

    /** Changes how many requests may be open at once, until the process ends or {@link #restore}. */
    void changeMaxInFlight(int requests);

    /** Lets rate and requests in flight be what the file says. */
    void restore();

    /** Closes the breaker. */
    void resetBreaker();

    /** Ends a hold early, closes the breaker, and forgets what the vendor said is left of its quota. */
    void release();
}
