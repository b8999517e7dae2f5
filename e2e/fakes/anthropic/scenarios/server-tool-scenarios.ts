import { seededBase64 } from '../ids';
import type { JsonObject } from '../json';
import { conversation, DELTA_USAGE, json, text, type ScenarioContext, type Scenario } from './scenario';

const CALLER = { type: 'direct' };

/** A call by the server, its result in one block without deltas, and a closing text. */
function serverTool(
  name: string,
  toolName: string,
  input: string,
  resultType: string,
  content: JsonObject | JsonObject[],
  deltaUsage: JsonObject = DELTA_USAGE,
): Scenario {
  return {
    name,
    frames: (context: ScenarioContext) => {
      const id = context.ids('srvtoolu_');
      const middle = Math.floor(input.length / 2);
      return conversation(context, {
        blocks: [
          json(
            { type: 'server_tool_use', id, name: toolName, caller: CALLER },
            '',
            input.slice(0, middle),
            input.slice(middle),
          ),
          { block: { type: resultType, tool_use_id: id, content, caller: CALLER } },
          text('Here is what I found.'),
        ],
        deltaUsage,
      });
    },
  };
}

const SEARCH_RESULT = {
  type: 'web_search_result',
  url: 'https://example.com/a',
  title: 'Éxample',
  encrypted_content: seededBase64('search', 300),
  page_age: 'April 30, 2025',
};

const SEARCH_CITATION = {
  type: 'web_search_result_location',
  cited_text: 'Claude Shannon was born on April 30, 1916',
  url: 'https://example.com/a',
  title: 'Éxample',
  encrypted_index: seededBase64('index', 40),
};

const FETCHED = {
  type: 'web_fetch_result',
  url: 'https://example.com/',
  retrieved_at: '2026-11-22T12:00:00Z',
  content: {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'The whole page.' },
    title: 'Example Domain',
    citations: { enabled: true },
  },
};

export const serverToolScenarios: Scenario[] = [
  {
    name: 'web_search',
    frames: (context) => {
      const id = context.ids('srvtoolu_');
      return conversation(context, {
        blocks: [
          text("I'll search."),
          json(
            { type: 'server_tool_use', id, name: 'web_search', caller: CALLER },
            '',
            '{"query',
            '":"claude shannon"}',
          ),
          { block: { type: 'web_search_tool_result', tool_use_id: id, content: [SEARCH_RESULT], caller: CALLER } },
          {
            block: { type: 'text', text: '', citations: [] },
            deltas: [
              { type: 'citations_delta', citation: SEARCH_CITATION },
              { type: 'text_delta', text: 'He was born in 1916.' },
            ],
          },
        ],
        startUsage: {
          input_tokens: 2679,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 3,
        },
        deltaUsage: {
          input_tokens: 10_682,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 510,
          server_tool_use: { web_search_requests: 1 },
        },
      });
    },
  },
  serverTool(
    'web_search_error',
    'web_search',
    '{"query":"anything"}',
    'web_search_tool_result',
    { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
    { ...DELTA_USAGE, server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 } },
  ),
  serverTool('web_fetch', 'web_fetch', '{"url":"https://example.com/"}', 'web_fetch_tool_result', FETCHED, {
    ...DELTA_USAGE,
    input_tokens: 25_039,
    server_tool_use: { web_search_requests: 0, web_fetch_requests: 1 },
  }),
  serverTool('web_fetch_error', 'web_fetch', '{"url":"https://nowhere.invalid/"}', 'web_fetch_tool_result', {
    type: 'web_fetch_tool_result_error',
    error_code: 'url_not_accessible',
  }),
  serverTool(
    'code_execution',
    'code_execution',
    '{"code":"print(1)"}',
    'code_execution_tool_result',
    { type: 'code_execution_result', stdout: '1\n', stderr: '', return_code: 0, content: [] },
    {
      ...DELTA_USAGE,
      server_tool_use: { web_search_requests: 0, web_fetch_requests: 0, code_execution_requests: 1 },
    },
  ),
  serverTool('code_execution_encrypted', 'code_execution', '{"code":"x"}', 'code_execution_tool_result', {
    type: 'encrypted_code_execution_result',
    encrypted_stdout: seededBase64('stdout', 60),
    stderr: '',
    return_code: 0,
    content: [],
  }),
  serverTool('bash_code_execution', 'bash_code_execution', '{"command":"ls -la"}', 'bash_code_execution_tool_result', {
    type: 'bash_code_execution_result',
    stdout: 'total 0\n',
    stderr: '',
    return_code: 0,
    content: [{ type: 'bash_code_execution_output', file_id: 'file_011CStandIn' }],
  }),
  serverTool(
    'text_editor_code_execution',
    'text_editor_code_execution',
    '{"command":"view","path":"a.txt"}',
    'text_editor_code_execution_tool_result',
    {
      type: 'text_editor_code_execution_view_result',
      file_type: 'text',
      content: 'a\nb',
      num_lines: 2,
      start_line: 1,
      total_lines: 2,
    },
  ),
  serverTool('tool_search', 'tool_search_tool_regex', '{"pattern":"weather"}', 'tool_search_tool_result', {
    type: 'tool_search_tool_search_result',
    tool_references: [{ type: 'tool_reference', tool_name: 'get_weather' }],
  }),
  {
    name: 'container_upload',
    frames: (context) =>
      conversation(context, {
        blocks: [{ block: { type: 'container_upload', file_id: 'file_011CStandIn' } }, text('Saved.')],
        delta: { container: { id: context.ids('container_'), expires_at: '2026-11-22T13:00:00Z', skills: [] } },
      }),
  },
  {
    name: 'pause_turn',
    frames: (context) =>
      conversation(context, {
        blocks: [
          json(
            { type: 'server_tool_use', id: context.ids('srvtoolu_'), name: 'web_search', caller: CALLER },
            '{"query":"x"}',
          ),
        ],
        delta: { stop_reason: 'pause_turn' },
      }),
  },
];
