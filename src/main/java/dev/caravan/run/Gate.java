package dev.caravan.run;

/** Tells whether a run may go on. Asked before every page and while waiting; safe for any number of threads. */
@FunctionalInterface
public interface Gate {
    /** Always open. */
    Gate OPEN = () -> true;

    boolean isOpen();
}
