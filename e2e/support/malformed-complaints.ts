import { readAnswers, type RawAnswer } from './malformed-answers';
import type { MalformedRequest } from './malformed-request';
import type { Delivery } from './malformed-send';

/**
 * What Node's HTTP parser answers by itself, before there is a request that could be given an id: 400 for what is no HTTP,
 * 408 for a client that is too slow, 413 for chunk extensions without end, 417 for an unknown `expect`, 431 for headers
 * beyond 16 kB. 204 answers a browser's preflight.
 */
const WITHOUT_ID = [204, 400, 408, 413, 417, 431];

/** What is wrong with how a request was answered; nothing, if all is well. */
export function complaintsAbout(request: MalformedRequest, { bytes, ending }: Delivery): string[] {
  if (ending === 'hung') return [`the connection hangs after ${shown(bytes)}`];
  if (ending === 'left') return [];
  try {
    const answers = readAnswers(bytes, request.method);
    const complaints = answers.flatMap((answer) => complaintsAboutAnswer(request, answer, ending));
    if (answers.length > request.answersMax) complaints.push(`${String(answers.length)} answers: ${shown(bytes)}`);
    if (request.client === 'answered' && answers.length === 0 && ending === 'closed') complaints.push('no answer');
    return complaints;
  } catch (error) {
    return ending === 'reset' ? [] : [`no HTTP: ${error instanceof Error ? error.message : ''}, in ${shown(bytes)}`];
  }
}

/** The same for one answer of several. */
export function complaintsAboutAnswer(
  request: Pick<MalformedRequest, 'client' | 'method' | 'api'>,
  answer: RawAnswer,
  ending: Delivery['ending'],
): string[] {
  const { status, headers, body, whole } = answer;
  const said = `${String(status)} ${shown(body)}`;
  if (status >= 500) return [`a failure of ours: ${said}`];
  // Who sends its end while the answer is still coming gets no more of it.
  if (!whole) return request.client === 'answered' && ending === 'closed' ? [`an answer cut short: ${said}`] : [];
  const location = headers.get('location');
  if (location !== undefined && !/^\/(?![/\\])/.test(location)) return [`sent away to ${location}`];
  const requestId = headers.get('request-id');
  if (requestId !== undefined) return complaintsAboutShape(request, answer, requestId);
  if (!request.api) return [];
  return WITHOUT_ID.includes(status) && body.length === 0 ? [] : [`an answer of the API without an id: ${said}`];
}

function complaintsAboutShape(
  { method }: Pick<MalformedRequest, 'method'>,
  answer: RawAnswer,
  requestId: string,
): string[] {
  const { status, headers, body } = answer;
  const type = headers.get('content-type') ?? '';
  if (status === 200 && type.startsWith('text/event-stream')) return [];
  if (type !== 'application/json') return [`an answer of the API as ${type}`];
  if (method === 'HEAD' && body.length === 0) return [];
  const json = parsed(body);
  if (json === undefined) return [`no JSON: ${shown(body)}`];
  if (status === 200) return [];
  const error = json['error'] as Record<string, unknown> | undefined;
  const shaped =
    json['type'] === 'error' && typeof error?.['type'] === 'string' && typeof error['message'] === 'string';
  return shaped && json['request_id'] === requestId ? [] : [`not in the API's shape: ${shown(body)}`];
}

function parsed(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 300));
}
