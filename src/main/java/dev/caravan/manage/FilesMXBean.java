package dev.caravan.manage;

import java.util.List;

/** The files of {@code routes/}, as JMX and Hawtio show them. */
public interface FilesMXBean {
    @Described("Each file with its state: good, bad, copy or changing")
    List<String> getFiles();

    @Described("What is wrong, with file, line, cause and remedy; empty if all is well")
    List<String> getMistakes();
}
