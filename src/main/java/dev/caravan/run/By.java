package dev.caravan.run;

/**
 * Who does something.
 *
 * @param name of the user, or of the part of the application that acts by itself
 * @param via the way it came: {@code api}, {@code console}, {@code jmx}, {@code file}, {@code caravan}
 */
public record By(String name, String via) {
    /** The application itself. */
    public static final By CARAVAN = new By("caravan", "caravan");

    @Override
    public String toString() {
        return name.equals(via) ? name : name + " (" + via + ")";
    }
}
