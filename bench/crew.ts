/** The contenders that are there, each in a worker that is started when it is needed. */
import type { Name } from './contenders/names.ts';
import { Remote } from './remote.ts';

/** On a GPU, a browser was seen to give no context right after those of others had ended. It is asked again, so many times in all. */
const ATTEMPTS = 4;
const PAUSE = 1000;

export class Crew {
  /** What each is, or why it cannot run here, as far as it was asked for. */
  readonly about: Record<string, string> = {};
  /** Attachments that the engine uses, once it was opened. */
  attachments = 0;
  private readonly members = new Map<Name, Remote>();
  private readonly missing = new Set<Name>();

  constructor(readonly names: readonly Name[]) {}

  /** The contender, opened; undefined when it cannot run here. */
  async get(name: Name): Promise<Remote | undefined> {
    const member = this.members.get(name);
    return member?.alive ? member : this.start(name);
  }

  /** A worker that nobody has used yet. */
  async start(name: Name): Promise<Remote | undefined> {
    if (this.missing.has(name)) return undefined;
    this.members.get(name)?.end('another one was started');
    for (let attempt = 1; ; attempt++) {
      const member = new Remote(name);
      this.members.set(name, member);
      try {
        const { about, attachments } = await member.open();
        this.about[name] = about;
        this.attachments = attachments ?? this.attachments;
        return member;
      } catch (error) {
        member.end('it could not be opened');
        // Who was never there will not be there in a second either.
        if (this.about[name] !== undefined && attempt < ATTEMPTS && this.members.get(name) === member) {
          await new Promise((resolve) => setTimeout(resolve, PAUSE));
          continue;
        }
        this.missing.add(name);
        this.about[name] = `not available: ${(error as Error).message}`;
        return undefined;
      }
    }
  }

  /** Ends all: whoever is needed next starts anew. */
  dismiss(reason = 'it was dismissed'): void {
    for (const member of this.members.values()) member.end(reason);
    this.members.clear();
  }
}
