package dev.caravan.manage;

import java.util.List;

/** A stream, as JMX and Hawtio show it. Counts are those of this process. */
public interface StreamMXBean {
    String getStream();

    String getConnection();

    /** Returns {@code real} or {@code stub}. */
    String getOrigin();

    /** Returns what was said of it: {@code active}, {@code paused}, {@code draining} or {@code stopped}. */
    String getMode();

    /** Returns what it is doing: idle, pulling and how far, or what it waits for and until when. */
    String getState();

    boolean isRunning();

    /** Returns the id of the run under way, empty without one. */
    String getRun();

    /** Returns how many slices the current run has, 0 without one. */
    int getSlices();

    /** Returns how many of them are done. */
    int getSlicesDone();

    /** Returns where the slices of the current run stand, those under way first; a hundred at most. */
    List<SliceBean> getSliceStates();

    /** Returns how many pages the current run has taken in. */
    long getCurrentPage();

    /** Returns how many rows the current run commits a second. */
    double getRowsPerSecond();

    /** Returns what the current run waits for, empty if any part of it does something. */
    String getWaitingFor();

    /** Returns until when, empty if that cannot be told. */
    String getWaitingUntil();

    /** Returns what has not moved for too long though it waits for nothing, and where; empty if all is well. */
    String getStuck();

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

    /** Ends the run under way at its next page border, with a checkpoint; nothing runs until {@link #resume}. */
    void pause();

    /** Goes on from the checkpoint, at once. */
    void resume();

    /** Ends the run under way at its next page border, with a checkpoint; nothing runs until {@link #start}. */
    void stop();

    /** Lets it run when it is due. */
    void start();

    /** Lets the run under way finish, and stops then. */
    void drain();

    /**
     * Pulls a span again; the checkpoint stays.
     *
     * @param from first day, or a time, such as {@code 2026-01-01}
     * @param to last day, or the time before which to stop
     * @param parallel slices pulled at once, 0 for as many as the stream says
     */
    void backfill(String from, String to, int parallel);

    /** Leaves a slice of the run under way for the next run. */
    void skipSlice(String slice);

    /**
     * Pulls the first records and keeps nothing.
     *
     * @param records how many, up to 1000
     * @return as they would land, a JSON text each
     */
    List<String> dryRun(int records);
}
