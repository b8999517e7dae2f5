import { ApiError, invalidRequest } from './api-error';
import { isObject, objectsOf, textOf, type Json, type JsonObject } from './json';
import type { Model } from './models';

const MAX_THREADS = 2000;
const MAX_STORED_BYTES = 64 * 1024 * 1024;
/** Replies with these reasons are unfinished turns, which a request without new messages goes on with. */
const UNFINISHED = ['pause_turn', 'compaction'];
/** What the newest turn may not say again, because the thread was created with it. */
const CREATE_ONLY_FIELDS = ['system', 'tools'];

interface Thread {
  messages: Json[];
  created: JsonObject;
  modelId: string;
  stopReason: string;
  bytes: number;
  state: 'open' | 'in_flight' | 'continued';
}

/** One request's part in a thread. `commit` keeps the conversation under the reply's id; `release` always follows. */
export interface ThreadTurn {
  /** The request as if it had brought the whole conversation. */
  body: JsonObject;
  commit(messageId: string, content: Json, stopReason: string): void;
  release(): void;
}

/** The conversations that the server keeps, per workspace, under the id of their last reply. */
export class ThreadStore {
  private readonly threads = new Map<string, Thread>();
  private storedBytes = 0;

  /** Throws the API's 404 or 400 when there is nothing to continue from. */
  begin(workspace: string, body: JsonObject, model: Model, bodyBytes: number): ThreadTurn {
    const thread = body['thread'];
    if (thread === undefined || thread === null) return untracked(body);
    if (!isObject(thread)) throw invalidRequest('thread: Input should be a valid dictionary');
    switch (thread['type']) {
      case 'create':
        return this.turn(workspace, body, model, bodyBytes, undefined);
      case 'continue':
        return this.continueTurn(workspace, body, model, bodyBytes, textOf(thread['previous_message_id']));
      default:
        throw invalidRequest(
          `thread: Input tag '${textOf(thread['type'])}' found using 'type' does not match any of the expected tags: 'create', 'continue'`,
        );
    }
  }

  clear(): void {
    this.threads.clear();
    this.storedBytes = 0;
  }

  private continueTurn(
    workspace: string,
    body: JsonObject,
    model: Model,
    bytes: number,
    previousId: string,
  ): ThreadTurn {
    if (previousId === '') throw invalidRequest('thread.continue.previous_message_id: Field required');
    const previous = this.threads.get(`${workspace}:${previousId}`);
    if (previous === undefined) throw notFound(previousId);
    if (previous.state === 'continued') {
      throw threadError('thread_already_continued', `${previousId} has already been continued.`);
    }
    if (previous.state === 'in_flight') {
      throw threadError('thread_continue_in_flight', `Another request is still continuing from ${previousId}.`);
    }
    const repeated = CREATE_ONLY_FIELDS.find((field) => body[field] !== undefined);
    if (repeated !== undefined) throw invalidRequest(`${repeated}: not permitted when thread.type is "continue"`);
    if (previous.modelId !== model.id) {
      throw threadError('thread_fingerprint_mismatch', '`model` differs from the value stored with the thread.');
    }
    if (objectsOf(body['messages']).length === 0 && !UNFINISHED.includes(previous.stopReason)) {
      throw invalidRequest('messages: at least one message is required');
    }
    previous.state = 'in_flight';
    const messages = [...previous.messages, ...objectsOf(body['messages'])];
    return this.turn(workspace, { ...body, ...previous.created, messages }, model, bytes, previous);
  }

  private turn(
    workspace: string,
    body: JsonObject,
    model: Model,
    bytes: number,
    previous: Thread | undefined,
  ): ThreadTurn {
    return {
      body,
      commit: (messageId, content, stopReason) => {
        if (previous !== undefined) previous.state = 'continued';
        if (stopReason === 'refusal') return;
        const messages = [...objectsOf(body['messages']), { role: 'assistant', content }];
        const created = Object.fromEntries(CREATE_ONLY_FIELDS.map((field) => [field, body[field]]));
        this.store(`${workspace}:${messageId}`, {
          messages,
          created,
          modelId: model.id,
          stopReason,
          bytes,
          state: 'open',
        });
      },
      release: () => {
        if (previous?.state === 'in_flight') previous.state = 'open';
      },
    };
  }

  private store(key: string, thread: Thread): void {
    this.drop(key);
    this.threads.set(key, thread);
    this.storedBytes += thread.bytes;
    for (const oldest of this.threads.keys()) {
      if (this.threads.size <= MAX_THREADS && this.storedBytes <= MAX_STORED_BYTES) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.storedBytes -= this.threads.get(key)?.bytes ?? 0;
    this.threads.delete(key);
  }
}

function untracked(body: JsonObject): ThreadTurn {
  return { body, commit: () => undefined, release: () => undefined };
}

function notFound(id: string): ApiError {
  return new ApiError(404, 'not_found_error', `thread: no usable thread state was found for ${id}`, {
    details: { error_code: 'thread_not_found' },
  });
}

function threadError(code: string, message: string): ApiError {
  return invalidRequest(`thread: ${message}`, { error_code: code });
}
