package dev.caravan.app;

/** A command was asked for something that it cannot do as asked; the message says what would be right. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
