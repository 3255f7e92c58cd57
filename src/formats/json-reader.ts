/**
 * A strict JSON reader that is pulled along by whoever knows what should come next (RFC 8259). Against JSON.parse it
 * sees keys given twice, names line and column, refuses deep nesting, and builds nothing that nobody asked for, so
 * that a huge file of nonsense costs no more memory than its text.
 */
import { usage } from '../errors.ts';

/** Stands for an object or a list where a plain value was asked for; it has been passed over. */
export interface Compound {
  readonly compound: 'object' | 'list';
}

export type Scalar = string | number | boolean | null;

const usuallyDeepest = 32;
const blank = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const structural = /["[\]{}]/g;
const quote = 0x22;
const backslash = 0x5c;

export class JsonReader {
  readonly #text: string;
  readonly #firstLine: number;
  readonly #deepest: number;
  #at = 0;
  #depth = 0;

  /** `firstLine` is the number of the text's first line in its file; deeper nesting than `deepest` is refused. */
  constructor(
    text: string,
    {
      firstLine = 1,
      deepest = usuallyDeepest,
    }: { readonly firstLine?: number; readonly deepest?: number } = {},
  ) {
    this.#text = text;
    this.#firstLine = firstLine;
    this.#deepest = deepest;
  }

  /** Where the next value begins. */
  get position(): number {
    this.peek();
    return this.#at;
  }

  /** The next character that means something; '' at the end. */
  peek(): string {
    if (this.#text.charCodeAt(this.#at) > 0x20) return this.#text.charAt(this.#at);
    blank.lastIndex = this.#at;
    blank.test(this.#text);
    this.#at = blank.lastIndex;
    return this.#text[this.#at] ?? '';
  }

  /** Calls back for each key, in order; the callback must read the value. */
  object(visit: (key: string) => void): void {
    this.#members('{', '}', () => {
      visit(this.#key());
      return false;
    });
  }

  /** Calls back for each item with its index from 0; the callback must read the item. */
  list(visit: (index: number) => void): void {
    let index = 0;
    this.#members('[', ']', () => {
      visit(index);
      index += 1;
      return false;
    });
  }

  /** The plain value under a key of the object that comes next, without moving; undefined where there is none. */
  find(wanted: string): Scalar | Compound | undefined {
    const [start, depth] = [this.#at, this.#depth];
    let found: Scalar | Compound | undefined;
    this.#members('{', '}', () => {
      if (this.#key() !== wanted) {
        this.skip();
        return false;
      }
      found = this.scalar();
      // Mostly the first key: the rest of a long object need not be passed over for it.
      return true;
    });
    this.#at = start;
    this.#depth = depth;
    return found;
  }

  /** A plain value; an object or list is passed over and told as such. */
  scalar(): Scalar | Compound {
    const next = this.peek();
    if (next === '"') return this.string();
    if (next === '{' || next === '[') {
      this.skip();
      return { compound: next === '{' ? 'object' : 'list' };
    }
    for (const pattern of [number, word]) {
      pattern.lastIndex = this.#at;
      const match = pattern.exec(this.#text);
      if (match === null) continue;
      this.#at = pattern.lastIndex;
      if (pattern === number) return Number(match[0]);
      return match[0] === 'null' ? null : match[0] === 'true';
    }
    throw this.#wrong('a value');
  }

  string(): string {
    const text = this.#text;
    const start = this.#at;
    let escaped = false;
    let at = start + 1;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (code === backslash) {
        escaped = true;
        at += 1;
      } else if (!(code >= 0x20)) {
        this.#at = at;
        throw this.#wrong(
          Number.isNaN(code) ? 'the end of a text' : 'an escape instead of a control character',
        );
      }
    }
    this.#at = at + 1;
    if (!escaped) return text.slice(start + 1, at);
    try {
      return String(JSON.parse(text.slice(start, at + 1)));
    } catch {
      this.#at = start;
      throw this.#wrong('a text with valid escapes');
    }
  }

  /** Passes over one value of any kind without keeping it. What is passed over is checked only for its brackets. */
  skip(): void {
    const next = this.peek();
    if (next !== '{' && next !== '[') {
      this.scalar();
      return;
    }
    const closers: string[] = [];
    do {
      structural.lastIndex = this.#at;
      const match = structural.exec(this.#text);
      this.#at = match?.index ?? this.#text.length;
      if (match === null) throw this.#wrong(`'${closers.at(-1)}'`);
      if (match[0] === '"') {
        this.string();
        continue;
      }
      if (match[0] === '{' || match[0] === '[') {
        closers.push(match[0] === '{' ? '}' : ']');
        if (this.#depth + closers.length > this.#deepest) throw this.#tooDeep();
      } else if (closers.pop() !== match[0]) throw this.#wrong('another bracket');
      this.#at += 1;
    } while (closers.length > 0);
  }

  /** Goes back to a place that `position` gave. */
  returnTo(position: number): void {
    this.#at = position;
  }

  /** @throws usage where anything but blanks follows */
  end(): void {
    if (this.peek() !== '') throw this.#wrong('the end of the document');
  }

  #key(): string {
    if (this.peek() !== '"') throw this.#wrong('a key in double quotes');
    const key = this.string();
    this.#take(':');
    return key;
  }

  /** `member` tells whether it is enough: then the rest is left unread. */
  #members(open: string, close: string, member: () => boolean): void {
    this.#take(open);
    this.#depth += 1;
    if (this.#depth > this.#deepest) throw this.#tooDeep();
    if (this.peek() === close) this.#at += 1;
    else
      for (;;) {
        if (member()) return;
        const next = this.peek();
        if (next !== ',' && next !== close) throw this.#wrong(`',' or '${close}'`);
        this.#at += 1;
        if (next === close) break;
      }
    this.#depth -= 1;
  }

  #take(character: string): void {
    if (this.peek() !== character) throw this.#wrong(`'${character}'`);
    this.#at += 1;
  }

  #place(): string {
    const before = this.#text.slice(0, this.#at);
    const lineStart = before.lastIndexOf('\n') + 1;
    let line = this.#firstLine;
    for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line += 1;
    return `line ${line}, column ${this.#at - lineStart + 1}`;
  }

  #wrong(expected: string): Error {
    return usage(`not valid JSON at ${this.#place()}: expected ${expected}`);
  }

  #tooDeep(): Error {
    return usage(`nested too deeply at ${this.#place()}`);
  }
}
