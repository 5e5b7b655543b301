package dev.caravan.manage;

import java.util.List;

/** The files of {@code routes/}, as JMX and Hawtio show them. */
public interface FilesMXBean {
    /** Returns each file with its state: {@code good}, {@code bad}, {@code copy} or {@code changing}. */
    List<String> getFiles();

    /** Returns what is wrong, with file, line, cause and remedy; empty if all is well. */
    List<String> getMistakes();
}
