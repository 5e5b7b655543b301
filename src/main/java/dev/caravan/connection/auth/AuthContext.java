package dev.caravan.connection.auth;

import dev.caravan.secret.SecretStore;
import java.time.Clock;

/**
 * What a credential that changes while the application runs needs around it.
 *
 * @param connection whose credential it is
 * @param transport asks for tokens
 * @param store keeps them for the next process, and for others on this machine
 */
public record AuthContext(String connection, TokenTransport transport, SecretStore store, Clock clock) {}
