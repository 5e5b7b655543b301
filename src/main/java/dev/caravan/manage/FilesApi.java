package dev.caravan.manage;

import dev.caravan.camel.FileView;
import dev.caravan.camel.LiveRoutes;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The files of {@code routes/} over HTTP: which are good, and what is wrong with the others. */
@RestController
@RequestMapping(path = "/api/files", produces = MediaType.APPLICATION_JSON_VALUE)
final class FilesApi {
    private final LiveRoutes routes;

    FilesApi(LiveRoutes routes) {
        this.routes = routes;
    }

    @GetMapping
    List<FileView> list() {
        return routes.files();
    }
}
