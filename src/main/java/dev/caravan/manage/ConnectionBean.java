package dev.caravan.manage;

import dev.caravan.run.LiveConnection;
import dev.caravan.run.Steering;
import dev.caravan.run.Streams;
import java.util.List;

/** Shows a connection to JMX, whichever definition it has at the moment. */
final class ConnectionBean implements ConnectionMXBean {
    private final String name;
    private final Streams streams;
    private final Steering steering;

    ConnectionBean(String name, Streams streams, Steering steering) {
        this.name = name;
        this.streams = streams;
        this.steering = steering;
    }

    private LiveConnection connection() {
        return streams.connections().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no connection " + name));
    }

    @Override
    public String getConnection() {
        return name;
    }

    @Override
    public String getVendor() {
        return connection().vendor();
    }

    @Override
    public String getOrigin() {
        return connection().origin().toString();
    }

    @Override
    public String getObstacle() {
        String obstacle = connection().obstacle();
        return obstacle == null ? "" : obstacle;
    }

    @Override
    public int getInFlight() {
        return connection().limiter().inFlight();
    }

    @Override
    public String getHeld() {
        return connection()
                .limiter()
                .held()
                .map(hold -> "until " + hold.until() + ": " + hold.reason())
                .orElse("");
    }

    @Override
    public String getBreaker() {
        return connection().limiter().breaker();
    }

    @Override
    public void release() {
        Steered.call(() -> steering.release(name, Caller.current()));
    }

    @Override
    public List<String> getQuotas() {
        return connection().limiter().quotas();
    }

    @Override
    public double getChangedRate() {
        return connection().limiter().changedRate();
    }

    @Override
    public int getMaxInFlight() {
        return connection().limiter().maxInFlight();
    }

    @Override
    public void changeRate(double perSecond) {
        Steered.call(() -> steering.changeRate(name, perSecond, Caller.current()));
    }

    @Override
    public void changeMaxInFlight(int requests) {
        Steered.call(() -> steering.changeInFlight(name, requests, Caller.current()));
    }

    @Override
    public void restore() {
        Steered.call(() -> steering.restore(name, Caller.current()));
    }

    @Override
    public void resetBreaker() {
        Steered.call(() -> steering.resetBreaker(name, Caller.current()));
    }
}
