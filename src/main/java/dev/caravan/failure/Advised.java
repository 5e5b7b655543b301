package dev.caravan.failure;

/** A failure that knows what it calls for, because it knows what it was told. */
public interface Advised {
    Remedy remedy();

    /** What a person has to do, or that waiting helps: a sentence. */
    String advice();
}
