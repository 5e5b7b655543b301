package dev.caravan.manage;

/** A stream, as JMX and Hawtio show it. Counts are those of this process. */
public interface StreamMXBean {
    String getStream();

    String getConnection();

    /** Returns {@code real} or {@code stub}. */
    String getOrigin();

    /** Returns what it is doing: idle, pulling and how far, or what it waits for and until when. */
    String getState();

    boolean isRunning();

    /** Returns how many slices the current run has, 0 without one. */
    int getSlices();

    /** Returns how many of them are done. */
    int getSlicesDone();

    /** Returns how much of what the current run is to pull is pulled, in percent. */
    double getPercentDone();

    /** Returns when the current run will have ended if it goes on like this; empty as long as that cannot be told. */
    String getEstimatedEnd();

    long getRows();

    long getRejected();

    long getDuplicates();

    long getDropped();

    /** Returns how many of the rows lack the cursor their stream has. */
    long getUndated();

    long getPages();

    long getRequests();

    long getWaits();

    long getRetries();

    long getBytes();

    /** Returns the point up to which everything is committed, empty if there is none yet. */
    String getCheckpoint();

    /** Returns how far the checkpoint lies behind the clock, in seconds; -1 without a checkpoint. */
    long getLagSeconds();

    /** Returns when it is due, empty if at once. */
    String getDue();

    /** Returns id and status of the last run, empty if there was none. */
    String getLastRun();

    /** Returns what went wrong in the last run, empty if nothing did. */
    String getLastError();

    /** Returns file and line of its definition. */
    String getDefinedIn();

    /** Makes it due: a run begins within a second, or right after the one under way. */
    void runNow();
}
