import { asObject, asText, isObject, mergeUsage, type UsageJson } from './usage';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Enough of a line to tell what it is and where a delta's payload begins. */
const LINE_HEAD_BYTES_MAX = 512;
const PARSED_KINDS = new Set(['message_start', 'message_delta', 'message_stop', 'error']);
/** Lines that are parsed are small; a larger one is no Messages API stream. */
const PARSED_LINE_BYTES_MAX = 4 * 1024 * 1024;
const STREAM_ERROR_MESSAGE_MAX = 2_000;
const IN_EARLIER_CHUNK = -1;

/** Bytes of JSON-encoded payload handed on, by the kind of delta. They count output when a stream is left early. */
export type DeliveredBytes = { text: number; thinking: number; json: number };

export type MeterFault = 'none' | 'malformed' | 'error_event';

/**
 * Watches the bytes of a Messages API event stream as they pass, however they are split, and keeps what metering needs:
 * usage, the served model, whether `message_stop` came. It parses only the few small events that carry these and never
 * buffers content. From the frame of `message_stop` or `error` on it holds bytes back, so that the last event can wait
 * for the charge, and an error can be told in our own words.
 */
export class StreamMeter {
  started = false;
  stopped = false;
  fault: MeterFault = 'none';
  usage: UsageJson | undefined;
  servedModel: string | null = null;
  messageId: string | null = null;
  stopReason: string | null = null;
  /** The type and message of the upstream's `error` event. */
  error: { type: string; message: string } | undefined;
  /** Whether a `message_delta` has said what the whole output is. */
  outputIsExact = false;
  readonly delivered: DeliveredBytes = { text: 0, thinking: 0, json: 0 };
  /** Whether what was handed on ends between two frames, where an event of our own may be put in. */
  atBoundary = true;

  #holding = false;
  #betweenFrames = true;
  #event = '';
  #parsed: string[] = [];
  #parsedBytes = 0;
  #line: LineInProgress | undefined;

  /** Reads the next bytes. Gives how many of them may be handed on now; the rest belongs to a held frame. */
  push(chunk: Buffer): number {
    const wasHolding = this.#holding;
    let frameStart = IN_EARLIER_CHUNK;
    let heldFrom: number | undefined;
    for (let position = 0; position < chunk.length;) {
      if (this.#betweenFrames) frameStart = position;
      this.#betweenFrames = false;
      const newline = chunk.indexOf(NEWLINE, position);
      const end = newline === -1 ? chunk.length : newline;
      this.#addToLine(chunk, position, end);
      if (newline !== -1) this.#endLine();
      if (this.#holding) heldFrom ??= frameStart;
      position = end + 1;
    }
    if (wasHolding) return 0;
    this.atBoundary = heldFrom === undefined ? this.#betweenFrames : heldFrom !== IN_EARLIER_CHUNK;
    return heldFrom === undefined ? chunk.length : Math.max(0, heldFrom);
  }

  /**
   * The upstream ended: a last line, or frame, without its line end still counts. One that was cut within does not, which
   * makes the answer incomplete but not malformed.
   */
  end(): void {
    if (this.#line) this.#endLine();
    this.#endFrame('cut');
  }

  #addToLine(chunk: Buffer, start: number, end: number): void {
    this.#line ??= newLine();
    const line = this.#line;
    line.bytes += end - start;
    if (end > start) line.endsInReturn = chunk[end - 1] === CARRIAGE_RETURN;
    if (line.head.length < LINE_HEAD_BYTES_MAX) {
      line.head += chunk.toString('latin1', start, Math.min(end, start + LINE_HEAD_BYTES_MAX - line.head.length));
    }
    if (!this.#isParsed(line.head)) return;
    if (line.fullBytes + (end - start) > PARSED_LINE_BYTES_MAX) {
      this.#malformed();
      return;
    }
    // A line is recognised within its head, and until then its head is all there is of it.
    if (line.full.length === 0 && line.bytes > end - start)
      line.full.push(Buffer.from(line.head.slice(0, line.bytes - (end - start)), 'latin1'));
    line.full.push(Buffer.from(chunk.subarray(start, end)));
    line.fullBytes += end - start;
  }

  #endLine(): void {
    const line = this.#line ?? newLine();
    this.#line = undefined;
    if (line.bytes === 0 || (line.bytes === 1 && line.endsInReturn)) {
      this.#endFrame('whole');
      this.#betweenFrames = true;
      return;
    }
    if (line.head.startsWith('event:')) {
      this.#event = line.head.slice(6).trim();
      this.#holding ||= this.#event === 'message_stop' || this.#event === 'error';
      return;
    }
    if (!line.head.startsWith('data:')) return;
    const kind = this.#kindOf(line.head);
    if (this.#event === '') this.#event = kind;
    this.#holding ||= kind === 'message_stop' || kind === 'error';
    if (kind === 'content_block_delta') this.#countDelta(line);
    else if (line.full.length > 0) this.#addToFrame(line);
  }

  #addToFrame(line: LineInProgress): void {
    this.#parsedBytes += line.bytes;
    if (this.#parsedBytes > PARSED_LINE_BYTES_MAX) this.#malformed();
    else this.#parsed.push(Buffer.concat(line.full).toString('utf8').slice(5));
  }

  #endFrame(extent: 'whole' | 'cut'): void {
    const kind = this.#event;
    const data = this.#parsed;
    this.#event = '';
    this.#parsed = [];
    this.#parsedBytes = 0;
    if (data.length === 0 || this.stopped || this.fault !== 'none') return;
    const json = parseObject(data.join('\n'));
    if (!json) return extent === 'whole' ? this.#malformed() : undefined;
    if (kind === 'message_stop') this.#onMessageStop();
    else if (kind === 'message_start') this.#onMessageStart(asObject(json['message']));
    else if (kind === 'message_delta') this.#onMessageDelta(json);
    else if (kind === 'error') this.#onError(asObject(json['error']));
  }

  #onMessageStart(message: UsageJson): void {
    this.started = true;
    this.servedModel = asText(message['model']);
    this.messageId = asText(message['id']);
    const usage = asObject(message['usage']);
    if (Object.keys(usage).length > 0) this.usage = mergeUsage(this.usage ?? {}, usage);
  }

  #onMessageDelta(json: UsageJson): void {
    this.stopReason = asText(asObject(json['delta'])['stop_reason']) ?? this.stopReason;
    const usage = asObject(json['usage']);
    if (typeof usage['output_tokens'] === 'number') this.outputIsExact = true;
    if (Object.keys(usage).length > 0) this.usage = mergeUsage(this.usage ?? {}, usage);
  }

  #onMessageStop(): void {
    if (this.started) this.stopped = true;
    else this.#malformed();
  }

  #onError(error: UsageJson): void {
    this.fault = 'error_event';
    const message = typeof error['message'] === 'string' ? error['message'] : '';
    this.error = { type: asText(error['type']) ?? 'api_error', message: message.slice(0, STREAM_ERROR_MESSAGE_MAX) };
  }

  #malformed(): void {
    this.fault = 'malformed';
    this.#holding = true;
  }

  #countDelta(line: LineInProgress): void {
    const match = DELTA_PAYLOAD.exec(line.head);
    if (!match) return;
    const lineEndBytes = line.endsInReturn ? 1 : 0;
    const payloadBytes = Math.max(0, line.bytes - lineEndBytes - (match.index + match[0].length) - DELTA_TAIL_BYTES);
    if (match[1] === 'text') this.delivered.text += payloadBytes;
    else if (match[1] === 'thinking') this.delivered.thinking += payloadBytes;
    else this.delivered.json += payloadBytes;
  }

  #isParsed(head: string): boolean {
    if (!head.startsWith('data:')) return false;
    const kind = this.#kindOf(head);
    return PARSED_KINDS.has(kind);
  }

  /** The event line names a frame; where it is missing the data's own type does. */
  #kindOf(head: string): string {
    return this.#event !== '' ? this.#event : (DATA_TYPE.exec(head)?.[1] ?? '');
  }
}

type LineInProgress = { head: string; bytes: number; endsInReturn: boolean; full: Buffer[]; fullBytes: number };

function newLine(): LineInProgress {
  return { head: '', bytes: 0, endsInReturn: false, full: [], fullBytes: 0 };
}

const DATA_TYPE = /^data:\s*\{\s*"type"\s*:\s*"([a-z_]+)"/;
const DELTA_PAYLOAD = /"(text|thinking|partial_json)"\s*:\s*"/;
/** What closes a delta event after its payload: `"}}`. */
const DELTA_TAIL_BYTES = 3;

function parseObject(text: string): UsageJson | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
