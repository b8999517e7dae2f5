import { blockFrames, conversation, ending, json, opening, rawFrame, stop, text, type Scenario } from './scenario';

const CALLER = { type: 'direct' };
const TOOL_STOP = { stop_reason: 'tool_use' };

/** Numbers and keys that a parse and a re-serialisation would change. */
const DELICATE_INPUT = '{"10":1,"2":2,"big":12345678901234567890,"one":1.0,"dup":1,"dup":2,"exp":1e3}';

export const toolScenarios: Scenario[] = [
  {
    name: 'tool_use',
    frames: (context) =>
      conversation(context, {
        blocks: [
          text("I'll check."),
          json(
            { type: 'tool_use', id: context.ids('toolu_'), name: 'get_weather', caller: CALLER },
            '',
            '{"loc',
            'ation": "Par',
            'is", "un',
            'it": "celsius"}',
          ),
        ],
        delta: TOOL_STOP,
      }),
  },
  {
    name: 'tool_use_no_input',
    frames: (context) =>
      conversation(context, {
        blocks: [json({ type: 'tool_use', id: context.ids('toolu_'), name: 'now', caller: CALLER }, '')],
        delta: TOOL_STOP,
      }),
  },
  {
    name: 'tool_use_parallel',
    frames: (context) =>
      conversation(context, {
        blocks: ['Paris', 'Köln', '東京'].map((city) =>
          json(
            { type: 'tool_use', id: context.ids('toolu_'), name: 'get_weather', caller: CALLER },
            '',
            '{"location"',
            `:"${city}`,
            '"}',
          ),
        ),
        delta: TOOL_STOP,
      }),
  },
  {
    name: 'tool_use_eager_partial',
    frames: (context) =>
      conversation(context, {
        blocks: [
          json(
            { type: 'tool_use', id: context.ids('toolu_'), name: 'write_file', caller: CALLER },
            '{"path":"a.txt","content":"half of a str',
            'ing and \\u00',
          ),
        ],
        delta: { stop_reason: 'max_tokens' },
      }),
  },
  {
    name: 'tool_use_big_integers',
    frames: (context) =>
      conversation(context, {
        blocks: [
          json(
            { type: 'tool_use', id: context.ids('toolu_'), name: 'store', caller: CALLER },
            '',
            DELICATE_INPUT.slice(0, 20),
            DELICATE_INPUT.slice(20),
          ),
        ],
        delta: TOOL_STOP,
      }),
    json: (context) => {
      const { messageId, model, ids } = context;
      const call = `{"type":"tool_use","id":"${ids('toolu_')}","name":"store","caller":{"type":"direct"},"input":${DELICATE_INPUT}}`;
      return `{"model":"${model}","id":"${messageId}","type":"message","role":"assistant","content":[${call}],"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{"input_tokens":412,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":89,"service_tier":"standard","inference_geo":"global"}}`;
    },
  },
  {
    name: 'tool_use_lone_surrogate',
    frames: (context) => [
      opening(context),
      rawFrame(
        'content_block_start',
        '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
      ),
      rawFrame(
        'content_block_delta',
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\ud83d"}}',
      ),
      rawFrame(
        'content_block_delta',
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\ude42 \\u00e9"}}',
      ),
      rawFrame('content_block_stop', '{"type":"content_block_stop","index":0}'),
      ending(),
      stop(),
    ],
  },
  {
    name: 'tool_use_programmatic_caller',
    frames: (context) => {
      const outer = context.ids('srvtoolu_');
      return conversation(context, {
        blocks: [
          json(
            { type: 'server_tool_use', id: outer, name: 'code_execution', caller: CALLER },
            '',
            '{"code":"await get_weather()"}',
          ),
          json(
            {
              type: 'tool_use',
              id: context.ids('toolu_'),
              name: 'get_weather',
              caller: { type: 'code_execution_20260120', tool_id: outer },
            },
            '{}',
          ),
        ],
        delta: {
          ...TOOL_STOP,
          container: { id: context.ids('container_'), expires_at: '2026-11-22T13:00:00Z', skills: null },
        },
      });
    },
  },
  {
    name: 'toolset_tool_use',
    frames: (context) => [
      opening(context),
      ...blockFrames(
        0,
        json(
          {
            type: 'tool_use',
            id: context.ids('toolu_'),
            name: 'screenshot',
            toolset_name: 'computer',
            caller: CALLER,
          },
          '{}',
        ),
      ),
      ending(TOOL_STOP),
      stop(),
    ],
  },
];
