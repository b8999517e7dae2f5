import { createHash } from 'node:crypto';

const MAX_REQUESTS = 2000;
const MAX_KEPT_BODY_BYTES = 64 * 1024;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

export interface RecordedRequest {
  method: string;
  /** With its query. */
  path: string;
  /** Raw header lines in the order in which they came, names in lower case. */
  headers: [string, string][];
  bodySha256: string;
  bodyBytes: number;
  /** Only of bodies below 64 kB, and only while there is room for them. */
  bodyBase64: string | null;
}

/** The last requests as they arrived, for tests that look at what a proxy sent. */
export class RequestLog {
  private readonly requests: RecordedRequest[] = [];
  private keptBytes = 0;

  record(method: string, path: string, rawHeaders: string[], body: Buffer): void {
    const keeps = body.length < MAX_KEPT_BODY_BYTES;
    this.requests.push({
      method,
      path,
      headers: pairs(rawHeaders),
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyBytes: body.length,
      bodyBase64: keeps ? body.toString('base64') : null,
    });
    if (keeps) this.keptBytes += body.length;
    while (this.requests.length > MAX_REQUESTS || this.keptBytes > MAX_KEPT_BYTES) {
      const oldest = this.requests.shift();
      if (oldest?.bodyBase64 != null) this.keptBytes -= oldest.bodyBytes;
    }
  }

  list(): readonly RecordedRequest[] {
    return this.requests;
  }

  clear(): void {
    this.requests.length = 0;
    this.keptBytes = 0;
  }
}

function pairs(rawHeaders: string[]): [string, string][] {
  const lines: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    lines.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? '']);
  }
  return lines;
}
