/**
 * The subjects that replies are sent to. A subject is used again once its call has been answered: servers remember where
 * a subject leads, and one that they have never seen costs them a walk through their subscriptions.
 *
 * Frames name their call, so a late one does no harm. Anything else is told apart by its subject alone: a call that was
 * given up, or answered in plain text, takes its subject with it, and the place gets a new one.
 */
export interface ReplySubject {
  /** Index among the subjects in use. */
  readonly place: number;
  readonly text: string;
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
    return this.free.pop() ?? { place: this.places, text: this.prefix + this.places++ };
  }

  /** @param isAnswered nothing can arrive on it any more but frames */
  giveBack(subject: ReplySubject, isAnswered: boolean): void {
    const { place } = subject;
    this.free.push(isAnswered ? subject : { place, text: `${this.prefix}${place}-${++this.retired}` });
  }
}
