package dev.caravan.lake;

import dev.caravan.failure.Advised;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A bucket did not do what it was asked to, or nobody knows whether it did. Its message begins with the object's address. */
public final class LakeException extends IOException implements Advised {
    private final Remedy remedy;
    private final String advice;

    /**
     * @param remedy {@link Remedy#RETRY} where it may heal, {@link Remedy#STOP} where only a person helps
     * @param advice what that person has to do, a sentence
     */
    public LakeException(String message, Remedy remedy, String advice, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
        this.advice = advice;
    }

    @Override
    public Remedy remedy() {
        return remedy;
    }

    @Override
    public String advice() {
        return advice;
    }
}
