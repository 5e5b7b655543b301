package dev.caravan.manage;

import dev.caravan.run.LiveConnection;

/** Shows a {@link LiveConnection} to JMX. */
final class ConnectionBean implements ConnectionMXBean {
    private final LiveConnection connection;

    ConnectionBean(LiveConnection connection) {
        this.connection = connection;
    }

    @Override
    public String getConnection() {
        return connection.name();
    }

    @Override
    public String getVendor() {
        return connection.vendor();
    }

    @Override
    public String getOrigin() {
        return connection.origin().toString();
    }

    @Override
    public String getObstacle() {
        String obstacle = connection.obstacle();
        return obstacle == null ? "" : obstacle;
    }

    @Override
    public int getInFlight() {
        return connection.limiter().inFlight();
    }

    @Override
    public String getHeld() {
        return connection
                .limiter()
                .held()
                .map(hold -> "until " + hold.until() + ": " + hold.reason())
                .orElse("");
    }

    @Override
    public String getBreaker() {
        return connection.limiter().breaker();
    }

    @Override
    public void release() {
        connection.limiter().release();
    }
}
