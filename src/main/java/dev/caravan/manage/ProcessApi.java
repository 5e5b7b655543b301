package dev.caravan.manage;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is not of a single stream or connection: the caller, the audit, what this API can do. */
@RestController
@RequestMapping("/api")
final class ProcessApi {
    private static final int MOST_LINES = 1000;

    private final Audit audit;

    ProcessApi(Audit audit) {
        this.audit = audit;
    }

    /** @param roles {@code viewer}, {@code operator}, {@code admin} */
    record Me(String user, List<String> roles) {}

    @GetMapping(path = "/me", produces = MediaType.APPLICATION_JSON_VALUE)
    Me me(Authentication caller) {
        return new Me(
                caller.getName(),
                caller.getAuthorities().stream()
                        .map(GrantedAuthority::getAuthority)
                        .filter(authority -> authority.startsWith("ROLE_"))
                        .map(authority -> Role.ofAuthority(authority).text())
                        .sorted()
                        .toList());
    }

    /** The latest lines, newest first, a JSON object each. */
    @GetMapping(path = "/audit", produces = MediaType.APPLICATION_NDJSON_VALUE)
    String audit(@RequestParam(defaultValue = "100") int limit) {
        if (limit < 1 || limit > MOST_LINES) {
            throw new BadRequestException("limit=%d is not from 1 to %d".formatted(limit, MOST_LINES));
        }
        List<String> lines = audit.latest(limit);
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
    byte[] openapi() throws IOException {
        try (InputStream in = ProcessApi.class.getResourceAsStream("/caravan/openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("The application was built without openapi.yaml");
            }
            return in.readAllBytes();
        }
    }
}
