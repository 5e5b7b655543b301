package dev.caravan.manage;

import java.util.List;

/** A stream, as JMX and Hawtio show it. Counts are those of this process. */
public interface StreamMXBean {
    @Described("Id of the stream")
    String getStream();

    @Described("Name of the connection")
    String getConnection();

    @Described("Real or stub")
    String getOrigin();

    @Described("What was said of it: active, paused, draining or stopped")
    String getMode();

    @Described("What it is doing: idle, pulling and how far, or what it waits for and until when")
    String getState();

    @Described("Whether a run is under way")
    boolean isRunning();

    @Described("The id of the run under way, empty without one")
    String getRun();

    @Described("How many slices the current run has, 0 without one")
    int getSlices();

    @Described("How many of them are done")
    int getSlicesDone();

    @Described("Where the slices of the current run stand, those under way first; a hundred at most")
    List<SliceBean> getSliceStates();

    @Described("How many pages the current run has taken in")
    long getCurrentPage();

    @Described("How many rows the current run commits a second")
    double getRowsPerSecond();

    @Described("What the current run waits for, empty if any part of it does something")
    String getWaitingFor();

    @Described("Until when, empty if that cannot be told")
    String getWaitingUntil();

    @Described("What has not moved for too long though it waits for nothing, and where; empty if all is well")
    String getStuck();

    @Described("How much of what the current run is to pull is pulled, in percent")
    double getPercentDone();

    @Described("When the current run will have ended if it goes on like this; empty as long as that cannot be told")
    String getEstimatedEnd();

    @Described("Rows committed")
    long getRows();

    @Described("Records that were set aside with their reason")
    long getRejected();

    @Described("Records that were known already")
    long getDuplicates();

    @Described("Records that the file's steps left out")
    long getDropped();

    @Described("How many of the rows lack the cursor their stream has")
    long getUndated();

    @Described("Pages taken in")
    long getPages();

    @Described("Requests sent")
    long getRequests();

    @Described("Waits for the vendor")
    long getWaits();

    @Described("Requests tried again")
    long getRetries();

    @Described("Bytes of answers")
    long getBytes();

    @Described("The point up to which everything is committed, empty if there is none yet")
    String getCheckpoint();

    @Described("How far the checkpoint lies behind the clock, in seconds; -1 without a checkpoint")
    long getLagSeconds();

    @Described("When it is due, empty if at once")
    String getDue();

    @Described("Id and status of the last run, empty if there was none")
    String getLastRun();

    @Described("What went wrong in the last run, empty if nothing did")
    String getLastError();

    @Described("File and line of its definition")
    String getDefinedIn();

    @Described("Makes it due: a run begins within a second, or right after the one under way")
    void runNow();

    @Described("Ends the run under way at its next page border, with a checkpoint; nothing runs until resume")
    void pause();

    @Described("Goes on from the checkpoint, at once")
    void resume();

    @Described("Ends the run under way at its next page border, with a checkpoint; nothing runs until start")
    void stop();

    @Described("Lets it run when it is due")
    void start();

    @Described("Lets the run under way finish, and stops then")
    void drain();

    @Described("Pulls a span again; the checkpoint stays")
    void backfill(
            @Described("first day, or a time, such as 2026-01-01") String from,
            @Described("last day, or the time before which to stop") String to,
            @Described("slices pulled at once, 0 for as many as the stream says") int parallel);

    @Described("Leaves a slice of the run under way for the next run")
    void skipSlice(@Described("its id, as in SliceStates") String slice);

    @Described("Pulls the first records and keeps nothing, as they would land, a JSON text each")
    List<String> dryRun(@Described("how many, up to 1000") int records);
}
