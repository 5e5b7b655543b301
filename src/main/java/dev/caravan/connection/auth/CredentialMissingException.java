package dev.caravan.connection.auth;

import dev.caravan.failure.Remedy;

/** A request needs a credential that nobody has configured. */
public final class CredentialMissingException extends CredentialException {
    CredentialMissingException(String what) {
        super(Remedy.STOP, "The connection has no credential: %s is blank".formatted(what));
    }
}
