const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** Deeper nesting than any tool schema needs; it bounds the recursion of those who walk a value with callbacks. */
const DEPTH_MAX = 512;

export class JsonScanError extends Error {}

/**
 * Walks JSON bytes without building values: a request body may be 32 MB, of which a gateway needs a few fields and where
 * they stand. It checks the structure it walks and leaves full validation to the upstream.
 */
export class JsonScanner {
  readonly bytes: Buffer;
  position = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Calls `onField` for every key of the object at the position; it must consume the value. */
  object(onField: (key: string) => void): void {
    this.#enter(OPEN_BRACE);
    if (this.#take(CLOSE_BRACE)) return this.#leave();
    do {
      const key = this.string();
      if (!this.#take(COLON)) this.#fail('expected ":"');
      this.#skipSpace();
      onField(key);
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_BRACE)) this.#fail('expected "," or "}"');
    this.#leave();
  }

  /** Calls `onItem` for every item of the array at the position; it must consume the value. */
  array(onItem: () => void): void {
    this.#enter(OPEN_BRACKET);
    if (this.#take(CLOSE_BRACKET)) return this.#leave();
    do {
      this.#skipSpace();
      onItem();
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_BRACKET)) this.#fail('expected "," or "]"');
    this.#leave();
  }

  /** Reads the string at the position, escapes decoded. */
  string(): string {
    this.#skipSpace();
    const start = this.position;
    this.#skipString();
    const raw = this.bytes.toString('utf8', start, this.position);
    return raw.includes('\\') ? String(parse(raw)) : raw.slice(1, -1);
  }

  /** Skips the value at the position and gives its extent in bytes. */
  skip(): { start: number; end: number } {
    this.#skipSpace();
    const start = this.position;
    const first = this.bytes[start];
    if (first === QUOTE) this.#skipString();
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.#skipNested();
    else this.#skipLiteral();
    return { start, end: this.position };
  }

  /** Builds the value at the position, or gives undefined when it is longer than `bytesMax`; consumes it either way. */
  value(bytesMax: number): unknown {
    const { start, end } = this.skip();
    return end - start > bytesMax ? undefined : parse(this.bytes.toString('utf8', start, end));
  }

  isAt(kind: 'object' | 'array' | 'string'): boolean {
    this.#skipSpace();
    const byte = this.bytes[this.position];
    return byte === (kind === 'object' ? OPEN_BRACE : kind === 'array' ? OPEN_BRACKET : QUOTE);
  }

  /** Checks that nothing but white space is left. */
  end(): void {
    this.#skipSpace();
    if (this.position < this.bytes.length) this.#fail('unexpected text after the value');
  }

  #skipString(): void {
    if (this.bytes[this.position] !== QUOTE) this.#fail('expected a string');
    let end = this.bytes.indexOf(QUOTE, this.position + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.bytes.indexOf(QUOTE, end + 1);
    if (end === -1) this.#fail('a string does not end');
    this.position = end + 1;
  }

  #isEscaped(quoteAt: number): boolean {
    let backslashes = 0;
    while (this.bytes[quoteAt - 1 - backslashes] === BACKSLASH) backslashes += 1;
    return backslashes % 2 === 1;
  }

  #skipNested(): void {
    let depth = 0;
    do {
      const byte = this.bytes[this.position];
      if (byte === undefined) this.#fail('the text ends inside an object or array');
      if (byte === QUOTE) {
        this.#skipString();
        continue;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
      if (depth + this.#depth > DEPTH_MAX) this.#fail(`nested deeper than ${DEPTH_MAX}`);
      this.position += 1;
    } while (depth > 0);
  }

  #skipLiteral(): void {
    const start = this.position;
    while (isLiteralByte(this.bytes[this.position])) this.position += 1;
    if (this.position === start) this.#fail('expected a value');
  }

  #skipSpace(): void {
    while (isSpace(this.bytes[this.position])) this.position += 1;
  }

  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.bytes[this.position] !== byte) return false;
    this.position += 1;
    return true;
  }

  #enter(byte: number): void {
    if (!this.#take(byte)) this.#fail(byte === OPEN_BRACE ? 'expected an object' : 'expected an array');
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#fail(`nested deeper than ${DEPTH_MAX}`);
  }

  #leave(): void {
    this.#depth -= 1;
  }

  #fail(problem: string): never {
    throw new JsonScanError(`${problem} at byte ${this.position}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new JsonScanError('a value is not valid JSON');
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The bytes of numbers, true, false and null. */
function isLiteralByte(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x45); // prettier-ignore
}
