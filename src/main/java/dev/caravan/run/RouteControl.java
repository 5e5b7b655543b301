package dev.caravan.run;

/** Brings the route of a stream to what is said of the stream. */
@FunctionalInterface
public interface RouteControl {
    /** Begins to bring the route to the stream's mode, and returns at once: started, suspended or stopped. */
    void follow(String stream);
}
