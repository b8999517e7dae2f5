import { jsonPart, textPart } from './content-part';
import type { Composition } from './compose';
import { seededBase64, type IdSource } from './ids';
import { objectsOf, textOf, type JsonObject } from './json';

const PAGE = { url: 'https://example.com/', title: 'Example Domain' };
const CITED = 'This domain is for use in documentation examples.';

export function offersWebSearch(body: JsonObject): boolean {
  return objectsOf(body['tools']).some((tool) => textOf(tool['type']).startsWith('web_search_'));
}

/** A search done by the server: the call, its results in one block, and a text that cites them. */
export function composeWebSearch(
  query: string,
  ids: IdSource,
  paused: boolean,
): Pick<Composition, 'parts' | 'stopReason' | 'webSearches'> {
  const id = ids('srvtoolu_');
  const caller = { type: 'direct' };
  const call = jsonPart({ type: 'server_tool_use', id, name: 'web_search', caller }, { query });
  if (paused) return { parts: [call], stopReason: 'pause_turn', webSearches: 0 };
  const page = { type: 'web_search_result', ...PAGE, encrypted_content: seededBase64(query, 240), page_age: null };
  const result = { start: { type: 'web_search_tool_result', tool_use_id: id, content: [page], caller } };
  const citation = {
    type: 'web_search_result_location',
    cited_text: CITED,
    ...PAGE,
    encrypted_index: seededBase64(`index:${query}`, 60),
  };
  const parts = [
    textPart(`I'll search for ${query}.`),
    call,
    result,
    textPart('The stand-in found one page: '),
    textPart(CITED, [citation]),
  ];
  return { parts, stopReason: 'end_turn', webSearches: 1 };
}
