/** The contenders that are there. Each is started as often as it is needed, in a worker of its own. */
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
  private readonly members = new Set<Remote>();
  private readonly missing = new Set<Name>();

  constructor(readonly names: readonly Name[]) {}

  /** The contender in a worker that nobody has used yet, opened; undefined when it cannot run here. */
  async start(name: Name): Promise<Remote | undefined> {
    if (this.missing.has(name)) return undefined;
    for (let attempt = 1; ; attempt++) {
      const member = new Remote(name);
      this.members.add(member);
      try {
        const { about, attachments } = await member.open();
        this.about[name] = about;
        this.attachments = attachments ?? this.attachments;
        return member;
      } catch (error) {
        if (!this.members.has(member)) return undefined; // dismissed meanwhile, which says nothing about it
        member.end('it could not be opened');
        // Who was never there will not be there in a second either.
        if (this.about[name] !== undefined && attempt < ATTEMPTS) {
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
    for (const member of this.members) member.end(reason);
    this.members.clear();
  }
}
