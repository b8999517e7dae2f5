import type { JsonObject } from './json';

/** One event of a stream: its name and its data, a line of JSON that need not be canonical. */
export interface Frame {
  event: string;
  data: string;
  /** What the model had to generate for it; 0 for frames that carry no output. */
  outputTokens: number;
}

export function frame(data: JsonObject & { type: string }, outputTokens = 0): Frame {
  return { event: data.type, data: JSON.stringify(data), outputTokens };
}

export function pingFrame(): Frame {
  return frame({ type: 'ping' });
}

/** The bytes of a frame: an `event:` line, one `data:` line, an empty line. */
export function encodeFrame({ event, data }: Frame, lineEnd: '\n' | '\r\n'): string {
  return `event: ${event}${lineEnd}data: ${data}${lineEnd}${lineEnd}`;
}
