package dev.caravan.manage;

import dev.caravan.run.SliceView;

/** A slice of the run under way, as JMX shows it. */
public final class SliceBean {
    private final SliceView view;

    SliceBean(SliceView view) {
        this.view = view;
    }

    public String getSlice() {
        return view.slice();
    }

    /** Returns the step it stands at, or how it ended. */
    public String getStep() {
        return view.step();
    }

    public String getSince() {
        return view.since().toString();
    }

    public long getPage() {
        return view.page();
    }

    public long getRows() {
        return view.rows();
    }

    public double getPercent() {
        return view.percent();
    }

    public String getWaitingFor() {
        return view.waitingFor() == null ? "" : view.waitingFor();
    }

    public String getWaitingUntil() {
        return view.waitingUntil() == null ? "" : view.waitingUntil().toString();
    }
}
