/** Everyone in a race, by the name that `--only` and the rows use. */
export type Roster<Contender> = Readonly<Record<string, Entry<Contender>>>;

interface Entry<Contender> {
  /** How people read it. */
  readonly title: string;
  /** Loaded in its own processes alone, so that no contender carries another's weight. */
  readonly load: () => Promise<Contender>;
}
