import { directive } from '@/e2e/fakes/anthropic/control';
import type { Fault } from '@/e2e/fakes/anthropic/fault';

export type Question = Record<string, unknown>;

/** A body for POST /v1/messages that the stand-in answers in the way the fault says. Haiku, unless told otherwise. */
export function question(fault: Fault = {}, more: Question = {}): Question {
  return {
    model: 'claude-haiku-4-5',
    max_tokens: 1024,
    messages: [{ role: 'user', content: `Say something. ${directive(fault)}` }],
    ...more,
  };
}

/** The same, to be answered in events. */
export function streamed(fault: Fault = {}, more: Question = {}): Question {
  return question(fault, { stream: true, ...more });
}
