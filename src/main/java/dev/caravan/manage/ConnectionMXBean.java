package dev.caravan.manage;

import java.util.List;

/** A connection, as JMX and Hawtio show it. */
public interface ConnectionMXBean {
    @Described("Name of the connection")
    String getConnection();

    @Described("Name of the vendor")
    String getVendor();

    @Described("Real or stub")
    String getOrigin();

    @Described("Why nothing can be asked, empty if nothing is in the way")
    String getObstacle();

    @Described("The requests open at this moment")
    int getInFlight();

    @Described("Until when the vendor is left alone and why, empty if it is not")
    String getHeld();

    @Described("Whether the vendor is taken to be down: closed, open, half-open or off")
    String getBreaker();

    @Described("The quotas that hold now, such as 20 per 1s, burst 5")
    List<String> getQuotas();

    @Described("The rate that was put in the place of the declared one, in requests a second; 0 if none was")
    double getChangedRate();

    @Described("How many requests may be open at once")
    int getMaxInFlight();

    @Described("Puts a rate in the place of the declared one, in requests a second, until the process ends or restore")
    void changeRate(@Described("requests a second") double perSecond);

    @Described("Changes how many requests may be open at once, until the process ends or restore")
    void changeMaxInFlight(@Described("how many") int requests);

    @Described("Lets rate and requests in flight be what the file says")
    void restore();

    @Described("Closes the breaker")
    void resetBreaker();

    @Described("Ends a hold early, closes the breaker, and forgets what the vendor said is left of its quota")
    void release();
}
