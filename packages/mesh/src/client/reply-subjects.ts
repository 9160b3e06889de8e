/**
 * The subjects that replies are sent to. A subject is used again once its call has been answered: servers remember where
 * a subject leads, and one that they have never seen costs them a walk through their subscriptions.
 *
 * Frames name their call, so a late one does no harm. Anything else is told apart by its subject alone: a call that was
 * given up, answered in plain text, or spoken of, takes its subject with it, and the place gets a new one. Spoken of: where
 * a cancel or credit finds its replica gone, NATS says so on this subject, and nobody knows when.
 */
export interface ReplySubject {
  /** Index among the subjects in use. */
  readonly place: number;
  readonly text: string;
  /** It was the reply subject of more than its request. */
  wasSpokenOf: boolean;
}

export class ReplySubjects {
  private readonly prefix: string;
  private readonly free: ReplySubject[] = [];
  private places = 0;
  private retired = 0;

  /** @param prefix ends with "." */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  take(): ReplySubject {
    return this.free.pop() ?? this.subject(this.places, this.prefix + this.places++);
  }

  /** @param isAnswered nothing can arrive on it any more but frames */
  giveBack(subject: ReplySubject, isAnswered: boolean): void {
    const { place, wasSpokenOf } = subject;
    const isQuiet = isAnswered && !wasSpokenOf;
    this.free.push(isQuiet ? subject : this.subject(place, `${this.prefix}${place}-${++this.retired}`));
  }

  private subject(place: number, text: string): ReplySubject {
    return { place, text, wasSpokenOf: false };
  }
}
