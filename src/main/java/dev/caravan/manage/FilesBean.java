package dev.caravan.manage;

import dev.caravan.camel.FileView;
import dev.caravan.camel.LiveRoutes;
import java.util.List;

/** Shows the files of {@code routes/} to JMX. */
final class FilesBean implements FilesMXBean {
    private final LiveRoutes routes;

    FilesBean(LiveRoutes routes) {
        this.routes = routes;
    }

    @Override
    public List<String> getFiles() {
        return routes.files().stream()
                .map(file -> file.file() + " " + file.state() + " since " + file.since() + ", "
                        + file.streams().size() + " streams")
                .toList();
    }

    @Override
    public List<String> getMistakes() {
        return routes.files().stream()
                .flatMap(file -> file.mistakes().stream())
                .map(FileView.Mistake::message)
                .toList();
    }
}
