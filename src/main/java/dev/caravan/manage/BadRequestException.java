package dev.caravan.manage;

/** What was asked for makes no sense; the message says what would be right. */
final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadRequestException(String message) {
        super(message);
    }
}
