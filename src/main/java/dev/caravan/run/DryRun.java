package dev.caravan.run;

import java.util.List;

/**
 * What a stream asked and got in a run that keeps nothing.
 *
 * @param requests method and address of each, secrets masked
 * @param records as they would land, a JSON text each
 * @param rejects why records were rejected
 * @param status how the run ended
 * @param error what went wrong, "" if nothing did
 */
public record DryRun(List<String> requests, List<String> records, List<String> rejects, String status, String error) {
    public DryRun {
        requests = List.copyOf(requests);
        records = List.copyOf(records);
        rejects = List.copyOf(rejects);
    }
}
