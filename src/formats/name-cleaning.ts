/** Names with digits in them, as made-up patients have: counted, or cut where that was asked for. */
export class NameCleaning {
  readonly #cut: boolean;
  #count = 0;

  constructor(cut: boolean) {
    this.#cut = cut;
  }

  /** The name to take; '' where it was nothing but digits. */
  clean(name: string): string {
    if (!/\p{N}/u.test(name)) return name;
    if (this.#cut)
      return name
        .replace(/\p{N}+/gu, '')
        .replace(/\s+/gu, ' ')
        .trim();
    this.#count += 1;
    return name;
  }

  get remarks(): readonly string[] {
    if (this.#count === 0) return [];
    const names = this.#count === 1 ? '1 name has digits in it' : `${this.#count} names have digits in them`;
    return [`${names}; --clean-names cuts them`];
  }
}
