/** An HTTP answer, read to the letter. */
export interface RawAnswer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** False where the connection ended amid its body. */
  whole: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/;
const HEADER_LINE = /^([\w!#$%&'*+.^`|~-]+): ?([\t\x20-\x7e\x80-\xff]*)$/;
const HEAD_END = '\r\n\r\n';

/**
 * Reads what a server sent over one connection as answers, one after the other; `method` is the first request's. Throws
 * where the bytes are no HTTP. An answer whose length only the end of the connection tells counts as whole.
 */
export function readAnswers(bytes: Buffer, method: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length;) {
    const headEnd = bytes.indexOf(HEAD_END, at);
    if (headEnd === -1) throw new Error(`an answer's head does not end: ${shown(bytes.subarray(at))}`);
    const { status, headers } = readHead(bytes.toString('latin1', at, headEnd));
    at = headEnd + HEAD_END.length;
    // Interim answers, such as 100 Continue, have no body and are followed by the answer.
    if (status < 200) continue;
    const bodiless = status === 204 || status === 304 || (answers.length === 0 && method === 'HEAD');
    const { body, end, whole } = bodiless
      ? { body: Buffer.alloc(0), end: at, whole: true }
      : readBody(bytes, at, headers);
    answers.push({ status, headers, body, whole });
    at = end;
  }
  return answers;
}

function readHead(text: string): { status: number; headers: Map<string, string> } {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) throw new Error(`this is no status line: ${JSON.stringify(first.slice(0, 200))}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`this is no header line: ${JSON.stringify(line.slice(0, 200))}`);
    const key = name.toLowerCase();
    if (headers.has(key) && /^(content-length|transfer-encoding|request-id)$/.test(key))
      throw new Error(`${key} twice`);
    headers.set(key, value.trim());
  }
  return { status: Number(status), headers };
}

type Body = { body: Buffer; end: number; whole: boolean };

function readBody(bytes: Buffer, start: number, headers: ReadonlyMap<string, string>): Body {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding !== 'chunked' || length !== undefined) throw new Error(`${coding} beside length ${String(length)}`);
    return readChunks(bytes, start);
  }
  if (length === undefined) return { body: bytes.subarray(start), end: bytes.length, whole: true };
  if (!/^\d+$/.test(length)) throw new Error(`a length of ${length}`);
  const end = start + Number(length);
  return { body: bytes.subarray(start, end), end: Math.min(end, bytes.length), whole: end <= bytes.length };
}

function readChunks(bytes: Buffer, start: number): Body {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return { body: Buffer.concat(chunks), end: bytes.length, whole: false };
    const size = bytes.toString('latin1', at, lineEnd);
    if (!/^[\da-f]{1,8}$/i.test(size)) throw new Error(`a chunk of ${JSON.stringify(size.slice(0, 50))}`);
    const end = lineEnd + 2 + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return { body: Buffer.concat(chunks), end: bytes.length, whole: false };
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('a chunk that does not end where it says');
    chunks.push(bytes.subarray(lineEnd + 2, end));
    if (end === lineEnd + 2) return { body: Buffer.concat(chunks), end: end + 2, whole: true };
    at = end + 2;
  }
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200));
}
