import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MESSAGE_STOP,
  RECORDED_STREAMS,
  frameText,
  messageDelta,
  messageStart,
  type RecordedStream,
} from '@/lib/testing/recorded-streams';
import { StreamMeter } from './stream-meter';

const STOP_LINE = 'event: message_stop';
const START = messageStart({ input_tokens: 10, output_tokens: 1 });
const ERROR = frameText({
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded' },
  request_id: 'req_1',
});

describe.each(RECORDED_STREAMS)('StreamMeter, over $name', (stream) => {
  it.each(['\n', '\r\n'])('reads the same at every split into two, with line end %j', (lineEnd) => {
    const bytes = Buffer.from(stream.text.replaceAll('\n', lineEnd));
    for (let at = 0; at <= bytes.length; at += 1) {
      const { meter, released } = meterOf([bytes.subarray(0, at), bytes.subarray(at)]);
      expectWhole(meter, stream);
      expectLastFrameHeld(released, lineEnd);
    }
  });

  it('reads the same byte by byte', () => {
    const { meter, released } = meterOf([...Buffer.from(stream.text)].map((byte) => Buffer.of(byte)));
    expectWhole(meter, stream);
    expectLastFrameHeld(released, '\n');
  });

  it('reads the same at any number of splits, from buffers that are used again', () => {
    const bytes = Buffer.from(stream.text);
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 }),
        fc.constantFrom('\n', '\r\n'),
        (cuts, lineEnd) => {
          const chunks = split(Buffer.from(stream.text.replaceAll('\n', lineEnd)), cuts);
          const { meter, released } = meterOf(chunks, (chunk) => chunk.fill(0));
          expectWhole(meter, stream);
          expectLastFrameHeld(released, lineEnd);
        },
      ),
    );
  });

  it('reads the same where event lines are missing', () => {
    const bytes = Buffer.from(stream.text.replace(/^event: .*\n/gm, ''));
    for (let at = 0; at <= bytes.length; at += 1) {
      const { meter, released } = meterOf([bytes.subarray(0, at), bytes.subarray(at)]);
      expectWhole(meter, stream);
      expect(released.length).toBeLessThanOrEqual(bytes.length - '\n\n'.length);
    }
  });

  it('reads the same without a space behind the colon, and without the last line ends', () => {
    const text = stream.text.replace(/^(event|data): /gm, '$1:').trimEnd();
    const meter = new StreamMeter();
    meter.push(Buffer.from(text));
    expect(meter.stopped).toBe(false);
    meter.end();
    expectWhole(meter, stream);
  });

  it('knows at every split whether what was handed on ends between two frames', () => {
    const bytes = Buffer.from(stream.text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const meter = new StreamMeter();
      const released = bytes.subarray(0, meter.push(bytes.subarray(0, at)));
      expect(meter.atBoundary).toBe(released.length === 0 || released.toString('latin1').endsWith('\n\n'));
    }
  });

  it('is never taken for whole when it is cut before message_stop', () => {
    const bytes = Buffer.from(stream.text);
    const stopAt = bytes.lastIndexOf('data: {"type":"message_stop"');
    const whole = bytes.lastIndexOf('}') + 1;
    for (let at = 0; at < whole; at += at < stopAt - 400 ? 7 : 1) {
      const meter = new StreamMeter();
      meter.push(bytes.subarray(0, at));
      meter.end();
      expect(meter.stopped).toBe(false);
      expect(meter.fault).toBe('none');
    }
  });
});

describe('StreamMeter', () => {
  it("keeps the placeholder apart from the upstream's last word on output", () => {
    const meter = new StreamMeter();
    meter.push(Buffer.from(START));
    expect(meter).toMatchObject({ started: true, outputIsExact: false, usage: { input_tokens: 10, output_tokens: 1 } });
    meter.push(Buffer.from(messageDelta(null, { input_tokens: 12 })));
    expect(meter.outputIsExact).toBe(false);
    meter.push(Buffer.from(messageDelta('end_turn', { output_tokens: 0 })));
    expect(meter).toMatchObject({ outputIsExact: true, usage: { input_tokens: 12, output_tokens: 0 } });
  });

  it('holds an error event back at every split, and keeps what it says', () => {
    const bytes = Buffer.from(START + ERROR);
    for (let at = 0; at <= bytes.length; at += 1) {
      const { meter, released } = meterOf([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(meter).toMatchObject({
        stopped: false,
        fault: 'error_event',
        error: { type: 'overloaded_error', message: 'Overloaded' },
      });
      expect(released.length).toBeLessThanOrEqual(START.length + 'event: error'.length);
    }
  });

  it('holds back everything that follows the last frame, and stays where its handing on ended', () => {
    const meter = new StreamMeter();
    expect(meter.push(Buffer.from(START + MESSAGE_STOP + frameText({ type: 'ping' })))).toBe(START.length);
    expect(meter.push(Buffer.from(frameText({ type: 'ping' })))).toBe(0);
    expect(meter.push(Buffer.alloc(0))).toBe(0);
    expect(meter).toMatchObject({ stopped: true, atBoundary: true });
    const cut = new StreamMeter();
    const at = START.length + 'event: mess'.length;
    const stream = Buffer.from(START + MESSAGE_STOP);
    expect(cut.push(stream.subarray(0, at))).toBe(at);
    expect(cut.push(stream.subarray(at))).toBe(0);
    expect(cut.push(Buffer.from(frameText({ type: 'ping' })))).toBe(0);
    expect(cut).toMatchObject({ stopped: true, atBoundary: false });
  });

  it('does not read on after message_stop', () => {
    const { meter } = meterOf([
      Buffer.from(START + MESSAGE_STOP + messageDelta('end_turn', { output_tokens: 999 }) + ERROR),
    ]);
    expect(meter).toMatchObject({ stopped: true, fault: 'none', usage: { output_tokens: 1 }, stopReason: null });
  });

  it.each([
    ['message_start that is no JSON', 'event: message_start\ndata: {"type":"message_start",\n\n'],
    ['message_delta that is no object', `${START}event: message_delta\ndata: [1]\n\n`],
    ['message_stop without a start', MESSAGE_STOP],
    ['message_stop that is no JSON', `${START}event: message_stop\ndata: {"type"\n\n`],
    ['a usage event of more than 4 MB', `event: message_delta\ndata: ${' '.repeat(4 * 1024 * 1024)}{}\n\n`],
  ])('takes for malformed, and hands nothing more on: %s', (_what, text) => {
    const { meter } = meterOf([Buffer.from(text)]);
    expect(meter).toMatchObject({ fault: 'malformed', stopped: false });
    expect(meter.push(Buffer.from(frameText({ type: 'ping' })))).toBe(0);
  });

  it.each([
    ['a page of HTML', '<html>\n<body>502 Bad Gateway</body>\n</html>\n\n'],
    ['JSON without frames', '{"type":"message","usage":{"input_tokens":5}}\n'],
    ['bytes of no text', '\x00\xff\xfe\n\n\r\n\x80'],
    ['nothing', ''],
  ])('finds neither a start nor a stop in %s', (_what, text) => {
    const { meter } = meterOf([Buffer.from(text, 'latin1')]);
    expect(meter).toMatchObject({ started: false, stopped: false, usage: undefined });
  });

  it('survives usage and messages that are of no expected kind', () => {
    const frames = [
      frameText({ type: 'message_start', message: null }),
      frameText({ type: 'message_start', message: { usage: 5, model: 7, id: [] } }),
      frameText({ type: 'message_delta', delta: 'x', usage: [] }),
      frameText({ type: 'error', error: null }),
    ];
    const { meter } = meterOf([Buffer.from(frames.join(''))]);
    expect(meter).toMatchObject({ servedModel: null, messageId: null, error: { type: 'api_error', message: '' } });
  });

  it('hands on every byte of whatever is no Messages stream, at once', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (chunks) => {
        const meter = new StreamMeter();
        for (const chunk of chunks) expect(meter.push(Buffer.from(chunk))).toBe(chunk.length);
        meter.end();
        expect(meter.fault).toBe('none');
      }),
    );
  });

  it('needs no more memory for 50 MB in one delta than for one line', () => {
    const collect = garbageCollector();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const meter = new StreamMeter();
    const head = `${START}event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"`;
    meter.push(Buffer.from(head));
    collect();
    const beforeBytes = usedBytes();
    for (let pushed = 0; pushed < 800; pushed += 1) expect(meter.push(chunk)).toBe(chunk.length);
    collect();
    expect(usedBytes() - beforeBytes).toBeLessThan(8 * 1024 * 1024);
    meter.push(Buffer.from(`"}}\n\n${messageDelta('end_turn', { output_tokens: 5 })}${MESSAGE_STOP}`));
    expect(meter).toMatchObject({ stopped: true, delivered: { text: 800 * chunk.length, thinking: 0, json: 0 } });
  });
});

/** Pushes the chunks and ends. Gives the meter and all that it released. */
function meterOf(
  chunks: Buffer[],
  afterwards: (chunk: Buffer) => void = () => undefined,
): { meter: StreamMeter; released: Buffer } {
  const meter = new StreamMeter();
  const released: Buffer[] = [];
  let heldBack = false;
  for (const chunk of chunks) {
    const releasable = meter.push(chunk);
    if (heldBack) expect(releasable).toBe(0);
    heldBack ||= releasable < chunk.length;
    released.push(Buffer.from(chunk.subarray(0, releasable)));
    afterwards(chunk);
  }
  meter.end();
  return { meter, released: Buffer.concat(released) };
}

function expectWhole(meter: StreamMeter, stream: RecordedStream): void {
  const { started, stopped, fault, usage, stopReason, outputIsExact, delivered, servedModel, messageId } = meter;
  expect({ started, stopped, fault, usage, stopReason, outputIsExact, delivered, servedModel, messageId }).toEqual({
    started: true,
    stopped: true,
    fault: 'none',
    usage: stream.usage,
    stopReason: stream.stopReason,
    outputIsExact: true,
    delivered: {
      text: encodedBytes(stream.texts),
      thinking: encodedBytes(stream.thoughts),
      json: encodedBytes(stream.jsonParts),
    },
    servedModel: 'claude-sonnet-4-6',
    messageId: 'msg_01XFDUDYJgAACzvnptvVoYEL',
  });
}

/** No client can have seen the last event: of its frame at most the first line, without its end, was handed on. */
function expectLastFrameHeld(released: Buffer, lineEnd: string): void {
  const text = released.toString('latin1');
  const lastFrame = text.slice(text.lastIndexOf(lineEnd + lineEnd) + 2 * lineEnd.length);
  expect(STOP_LINE.startsWith(lastFrame) || lastFrame === `${STOP_LINE}\r`).toBe(true);
}

function encodedBytes(payloads: string[]): number {
  return payloads.reduce((sum, payload) => sum + Buffer.byteLength(JSON.stringify(payload)) - 2, 0);
}

function split(bytes: Buffer, cuts: number[]): Buffer[] {
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)));
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
