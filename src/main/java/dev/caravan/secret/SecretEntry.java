package dev.caravan.secret;

import java.time.Instant;

/**
 * That a secret is kept, without the secret.
 *
 * @param connection whose it is
 * @param name of the setting it is for
 * @param written when it was kept
 * @param key id of the key that sealed it
 */
public record SecretEntry(String connection, String name, Instant written, String key) {}
