import { blockFrames, conversation, ending, opening, stop, text, type Scenario } from './scenario';
import { pingFrame } from '../frame';

const CHAR_CITATION = {
  type: 'char_location',
  cited_text: 'The grass is green.',
  document_index: 0,
  document_title: 'My Document',
  start_char_index: 0,
  end_char_index: 20,
  file_id: null,
};
const PAGE_CITATION = {
  type: 'page_location',
  cited_text: 'Water is wet.',
  document_index: 1,
  document_title: null,
  start_page_number: 5,
  end_page_number: 6,
  file_id: null,
};
const BLOCK_CITATION = {
  type: 'content_block_location',
  cited_text: 'A block.',
  document_index: 2,
  document_title: 'Blocks',
  start_block_index: 0,
  end_block_index: 1,
  file_id: null,
};
const SEARCH_CITATION = {
  type: 'search_result_location',
  cited_text: 'Found.',
  search_result_index: 0,
  source: 'https://docs.example.com/a?b=c&d=é',
  title: 'A result',
  start_block_index: 0,
  end_block_index: 1,
};

const MANY_PIECES = Array.from({ length: 300 }, (_, index) => `${String(index)} `);

export const textScenarios: Scenario[] = [
  { name: 'text', frames: (context) => conversation(context, { blocks: [text('Hello', ', ', 'world', '!')] }) },
  { name: 'text_one_delta', frames: (context) => conversation(context, { blocks: [text('Hello!')] }) },
  { name: 'text_empty_delta', frames: (context) => conversation(context, { blocks: [text('', 'a', '', 'b')] }) },
  { name: 'text_empty_block', frames: (context) => conversation(context, { blocks: [text()] }) },
  {
    name: 'text_two_blocks',
    frames: (context) => conversation(context, { blocks: [text('First.'), text('Second', '.')] }),
  },
  {
    name: 'text_non_ascii',
    frames: (context) =>
      conversation(context, { blocks: [text('Grüße, ', 'мир, ', '世界, ', 'مرحبا, ', '\u00a0\u2028\u2029 é', 'ñ')] }),
  },
  {
    name: 'text_emoji',
    frames: (context) => conversation(context, { blocks: [text('🙂', '👩‍👩‍👧‍👦', ' 🇪🇺 ', '\u{1F9D1}\u{1F3FD}', 'end')] }),
  },
  {
    name: 'text_escapes',
    frames: (context) =>
      conversation(context, { blocks: [text('tab\t quote" back\\slash /', 'line\nbreak\r\n', '\u0000\u001f\u007f')] }),
  },
  {
    name: 'text_looks_like_sse',
    frames: (context) =>
      conversation(context, {
        blocks: [
          text(
            'event: message_stop\ndata: {"type":"message_stop"}\n\n',
            'data: [DONE]\n\n',
            '{"usage":{"output_tokens":9}}',
          ),
        ],
      }),
  },
  { name: 'text_long', frames: (context) => conversation(context, { blocks: [text(...MANY_PIECES)] }) },
  {
    name: 'text_large_delta',
    frames: (context) => conversation(context, { blocks: [text('x'.repeat(200_000))] }),
  },
  {
    name: 'citations',
    frames: (context) =>
      conversation(context, {
        blocks: [
          text('According to the documents, '),
          {
            block: { type: 'text', text: '', citations: [] },
            deltas: [
              ...[CHAR_CITATION, PAGE_CITATION, BLOCK_CITATION, SEARCH_CITATION].map((citation) => ({
                type: 'citations_delta',
                citation,
              })),
              { type: 'text_delta', text: 'the grass is green.' },
            ],
          },
        ],
      }),
  },
  {
    name: 'pings_everywhere',
    frames: (context) => [
      opening(context),
      pingFrame(),
      pingFrame(),
      ...blockFrames(0, text('a', 'b')).flatMap((event) => [event, pingFrame()]),
      ending(),
      pingFrame(),
      stop(),
    ],
  },
];
