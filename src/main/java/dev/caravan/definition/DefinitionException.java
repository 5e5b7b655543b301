package dev.caravan.definition;

/** A vendor file, or one stream of it, cannot be used. The message names file, line, stream, value and remedy. */
public class DefinitionException extends RuntimeException {
    public DefinitionException(String message) {
        super(message);
    }

    public DefinitionException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
