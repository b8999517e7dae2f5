import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from './api-error';
import type { JsonObject } from './json';
import { findModel } from './models';
import { ThreadStore } from './threads';

const OPUS = findModel('claude-opus-4-8');
const REPLY = [{ type: 'text', text: 'One.' }];
const FIRST = {
  system: 'Be brief.',
  tools: [{ name: 'now', input_schema: { type: 'object' } }],
  messages: [{ role: 'user', content: 'one' }],
  thread: { type: 'create' },
};

function next(previousId: string, more: JsonObject = {}): JsonObject {
  const thread = { type: 'continue', previous_message_id: previousId };
  return { messages: [{ role: 'user', content: 'two' }], thread, ...more };
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof ApiError ? [error.status, error.details?.['error_code']] : error;
  }
}

describe('message threads', () => {
  let store: ThreadStore;

  beforeEach(() => {
    store = new ThreadStore();
    store.begin('key', FIRST, OPUS, 100).commit('msg_1', REPLY, 'end_turn');
  });

  it('give the next turn the whole conversation with the system prompt and tools it was created with', () => {
    const { body } = store.begin('key', next('msg_1'), OPUS, 50);
    expect(body['system']).toBe('Be brief.');
    expect(body['tools']).toEqual(FIRST.tools);
    expect(body['messages']).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: REPLY },
      { role: 'user', content: 'two' },
    ]);
  });

  it('are found by their own workspace alone, and by no id that was never answered', () => {
    expect(codeOf(() => store.begin('other key', next('msg_1'), OPUS, 50))).toEqual([404, 'thread_not_found']);
    expect(codeOf(() => store.begin('key', next('msg_2'), OPUS, 50))).toEqual([404, 'thread_not_found']);
  });

  it('are continued once, by one request at a time', () => {
    const turn = store.begin('key', next('msg_1'), OPUS, 50);
    expect(codeOf(() => store.begin('key', next('msg_1'), OPUS, 50))).toEqual([400, 'thread_continue_in_flight']);
    turn.commit('msg_2', REPLY, 'end_turn');
    turn.release();
    expect(codeOf(() => store.begin('key', next('msg_1'), OPUS, 50))).toEqual([400, 'thread_already_continued']);
    expect(codeOf(() => store.begin('key', next('msg_2'), OPUS, 50))).toBe('none');
  });

  it('may be continued again after a turn that did not end', () => {
    store.begin('key', next('msg_1'), OPUS, 50).release();
    expect(codeOf(() => store.begin('key', next('msg_1'), OPUS, 50))).toBe('none');
  });

  it('keep their model', () => {
    const sonnet = findModel('claude-sonnet-4-6');
    expect(codeOf(() => store.begin('key', next('msg_1'), sonnet, 50))).toEqual([400, 'thread_fingerprint_mismatch']);
  });

  it('hold no refused turn', () => {
    store.begin('key', FIRST, OPUS, 100).commit('msg_9', [], 'refusal');
    expect(codeOf(() => store.begin('key', next('msg_9'), OPUS, 50))).toEqual([404, 'thread_not_found']);
  });

  it('forget the oldest once they hold too many bytes', () => {
    store.begin('key', FIRST, OPUS, 60 * 1024 * 1024).commit('msg_3', REPLY, 'end_turn');
    store.begin('key', FIRST, OPUS, 30 * 1024 * 1024).commit('msg_4', REPLY, 'end_turn');
    expect(codeOf(() => store.begin('key', next('msg_3'), OPUS, 50))).toEqual([404, 'thread_not_found']);
    expect(codeOf(() => store.begin('key', next('msg_4'), OPUS, 50))).toBe('none');
  });
});
