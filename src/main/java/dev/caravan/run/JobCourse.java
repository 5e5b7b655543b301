package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.JobMark;
import dev.caravan.page.Jobs;
import dev.caravan.page.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the job of one slice stands: submitted or not, asked for, its result ready. What of it outlasts the process is in the
 * {@link Position}; addresses of files are secrets for a while and stay here. For one thread.
 */
final class JobCourse {
    private final Jobs jobs;
    private @Nullable List<String> files;
    private @Nullable Instant askAt;
    private boolean ready;
    private boolean renewed;
    private int polls;
    private int tries;

    JobCourse(Jobs jobs) {
        this.jobs = jobs;
    }

    /** What a slice with a job asks for. */
    enum Stage {
        SUBMIT,
        POLL,
        RESULT
    }

    /** What an answer to submission or poll leads to. */
    sealed interface Step {}

    /** On from another position. */
    record On(Position position) implements Step {}

    /** Ask again later. */
    record Later() implements Step {}

    /** The answer holds the result. */
    record Inline() implements Step {}

    /** There is no result because there is no data. */
    record Empty() implements Step {}

    /** There is no result. */
    record Failed(String reason) implements Step {}

    Stage stage(Position position) {
        return position.job() == null ? Stage.SUBMIT : ready ? Stage.RESULT : Stage.POLL;
    }

    /** Returns until when nothing is asked, empty if the next request may go now. */
    Optional<Instant> askAt() {
        return Optional.ofNullable(askAt);
    }

    /** Returns the address of the file that stands next. */
    Optional<String> file(Position position) {
        JobMark job = position.job();
        return files == null || job == null || job.files() >= files.size()
                ? Optional.empty()
                : Optional.of(files.get(job.files()));
    }

    /** Returns how many files the result has. */
    int files() {
        return files == null ? 0 : files.size();
    }

    /** Takes in the answer to a submission or a poll. */
    Step take(Answer answer, Position position, Instant now) {
        askAt = null;
        JobMark job = position.job();
        return job == null ? submitted(answer, position, now) : polled(answer, position, job, now);
    }

    private Step submitted(Answer answer, Position position, Instant now) {
        if (jobs.isBusy(answer)) {
            later(now);
            return new Later();
        }
        String id = jobs.id(answer)
                .orElseThrow(() -> new PullException(
                        Remedy.STOP,
                        "the answer to the submission of a job names none at %s"
                                .formatted(jobs.settings().id())));
        polls = 0;
        later(now);
        return new On(at(position, new JobMark(id, now, tries, 0, "")));
    }

    private Step polled(Answer answer, Position position, JobMark job, Instant now) {
        return switch (jobs.state(answer)) {
            case FAILED -> new Failed("job %s failed".formatted(job.id()));
            case WORKING -> {
                if (jobs.isLate(job, now)) {
                    yield new Failed("job %s is not done within %s"
                            .formatted(job.id(), jobs.settings().poll().within()));
                }
                later(now);
                yield new Later();
            }
            case DONE -> done(answer, position, job);
        };
    }

    private Step done(Answer answer, Position position, JobMark job) {
        ready = true;
        if (!jobs.hasFiles()) {
            return jobs.result().isPresent() ? new On(position) : new Inline();
        }
        List<String> found = jobs.files(answer)
                .orElseThrow(() -> new PullException(
                        Remedy.STOP,
                        "job %s is done, but there are no addresses of files at %s"
                                .formatted(job.id(), jobs.settings().result().urls())));
        files = found;
        String list = Jobs.fingerprint(found);
        if (found.isEmpty()) {
            return new Empty();
        }
        boolean same = job.list().equals(list);
        return new On(same ? position : at(position, new JobMark(job.id(), job.submitted(), job.tries(), 0, list)));
    }

    private static Position at(Position position, JobMark job) {
        return new Position(
                position.number(), position.offset(), position.token(), position.kept(), job, position.sync());
    }

    private void later(Instant now) {
        Duration pause = jobs.pause(polls++);
        askAt = now.plus(pause);
    }

    /** An address of a file is no longer good: asks once for new ones, and returns whether it does. */
    boolean renew() {
        if (renewed) {
            return false;
        }
        renewed = true;
        ready = false;
        files = null;
        return true;
    }

    /** A page of the result was read. */
    void read() {
        renewed = false;
    }

    /** Submits another job, and returns whether it may: not more often than the settings say. */
    boolean submitAgain(Position position) {
        JobMark job = position.job();
        int before = job == null ? tries : job.tries();
        if (before >= jobs.settings().resubmit()) {
            return false;
        }
        begin();
        tries = before + 1;
        return true;
    }

    /** Begins anew, with a slice or a part of one. */
    void begin() {
        ready = false;
        renewed = false;
        files = null;
        askAt = null;
        polls = 0;
        tries = 0;
    }
}
