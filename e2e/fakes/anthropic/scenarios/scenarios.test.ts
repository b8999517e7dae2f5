import { describe, expect, it } from 'vitest';
import { assemble } from '../assemble';
import { encodeFrame } from '../frame';
import { seededIds } from '../ids';
import { isObject, type Json, type JsonObject } from '../json';
import { findScenario, SCENARIO_NAMES } from './scenarios';

const EVENTS =
  'message_start content_block_start content_block_delta content_block_stop message_delta message_stop ping error';
const DELTAS = 'text_delta input_json_delta citations_delta thinking_delta signature_delta compaction_delta';
const BLOCKS = `text thinking redacted_thinking tool_use server_tool_use web_search_tool_result web_fetch_tool_result
  code_execution_tool_result bash_code_execution_tool_result text_editor_code_execution_tool_result
  tool_search_tool_result container_upload mcp_tool_use mcp_tool_result mcp_tool_listing advisor_tool_result
  compaction fallback`;
const STOPS = 'end_turn max_tokens stop_sequence tool_use pause_turn refusal model_context_window_exceeded compaction';

function framesOf(name: string) {
  const ids = seededIds('seed');
  return findScenario(name)?.frames({ messageId: 'msg_1', model: 'claude-opus-4-8', ids }) ?? [];
}

function eventsOf(name: string): JsonObject[] {
  return framesOf(name).map((frame) => {
    const event = JSON.parse(frame.data) as Json;
    return isObject(event) ? event : {};
  });
}

const ALL_EVENTS = SCENARIO_NAMES.flatMap(eventsOf);

function typesAt(field: string): unknown[] {
  return ALL_EVENTS.map((event) => event[field])
    .filter(isObject)
    .map((value) => value['type']);
}

describe('the scenarios', () => {
  it('are at least sixty and have a name each', () => {
    expect(SCENARIO_NAMES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(SCENARIO_NAMES).size).toBe(SCENARIO_NAMES.length);
  });

  it('cover every event, block, delta and stop reason of the protocol', () => {
    expect(ALL_EVENTS.map((event) => event['type'])).toEqual(expect.arrayContaining(EVENTS.split(' ')));
    expect(typesAt('delta')).toEqual(expect.arrayContaining(DELTAS.split(' ')));
    expect(typesAt('content_block')).toEqual(expect.arrayContaining(BLOCKS.split(/\s+/)));
    const stops = ALL_EVENTS.map((event) => (isObject(event['delta']) ? event['delta']['stop_reason'] : undefined));
    expect(stops).toEqual(expect.arrayContaining(STOPS.split(' ')));
  });

  it.each(SCENARIO_NAMES)('%s has frames of one data line named as their event, the same on every run', (name) => {
    const frames = framesOf(name);
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) {
      expect(frame.data).not.toMatch(/[\r\n]/);
      expect((JSON.parse(frame.data) as JsonObject)['type']).toBe(frame.event);
      expect(encodeFrame(frame, '\n')).toBe(`event: ${frame.event}\ndata: ${frame.data}\n\n`);
    }
    expect(framesOf(name)).toEqual(frames);
  });

  it.each(SCENARIO_NAMES)('%s in JSON is the message that its events add up to', (name) => {
    const custom = findScenario(name)?.json?.({ messageId: 'msg_1', model: 'claude-opus-4-8', ids: seededIds('seed') });
    const message = assemble(framesOf(name));
    expect(message['id']).toBe('msg_1');
    if (custom !== undefined) expect(JSON.parse(custom)).toEqual(message);
  });
});
