package dev.caravan.manage;

import dev.caravan.commit.StateStore;
import dev.caravan.commit.StateStoreException;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** Whether the state database answers. Without it nothing can be pulled, so the process is not well. */
public final class StateHealth implements HealthIndicator {
    private final StateStore store;

    public StateHealth(StateStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        try {
            return Health.up().withDetail("runs", store.runs().latest(1).size()).build();
        } catch (StateStoreException e) {
            return Health.down()
                    .withDetail("problem", String.valueOf(e.getMessage()))
                    .build();
        }
    }
}
