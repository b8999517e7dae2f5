import { JsonScanError, JsonScanner } from './json-scanner';

/** What routing, refusing and holding need of a Messages API body; everything else stays bytes. */
export type MessagesBody = {
  bytes: Buffer;
  /** The top-level fields that are there, in order, duplicates included; a field that is not read here and is null is not. */
  fields: string[];
  model: unknown;
  maxTokens: unknown;
  /** Where the number of `max_tokens` stands in the bytes. */
  maxTokensExtent: { start: number; end: number } | undefined;
  stream: unknown;
  thinking: unknown;
  thread: unknown;
  speed: unknown;
  inferenceGeo: unknown;
  tools: ServerTool[];
  /** Bytes that are text to the model: all but base64 payloads. */
  textBytes: number;
  images: number;
  /** Base64 characters of inline documents, and how many come by URL. */
  documentBytes: number;
  documentUrls: number;
  cache: 'none' | '5m' | '1h';
  /** Content that names files or containers of the upstream account. */
  usesFiles: boolean;
};

/** A tool that has a `type` of its own, so one that the upstream runs or knows. */
export type ServerTool = { type: string; maxUses: number | undefined; model: string | undefined };

/** Fields that are small by nature; a longer value reads as undefined and is the upstream's to refuse. */
const SMALL_VALUE_BYTES_MAX = 65_536;
/** Far more than the API knows or takes; without a bound 32 MB of them would keep the process from everybody else. */
const FIELDS_MAX = 1_000;
const TYPED_TOOLS_MAX = 1_000;

/**
 * Reads a Messages API body in one pass over its bytes. Shapes that are not the API's are skipped, not judged.
 * @throws JsonScanError when the bytes are no JSON object, or one with more fields or tools than any client sends.
 */
export function scanMessagesBody(bytes: Buffer): MessagesBody {
  const scanner = new JsonScanner(bytes);
  const body: MessagesBody = {
    bytes,
    fields: [],
    model: undefined,
    maxTokens: undefined,
    maxTokensExtent: undefined,
    stream: undefined,
    thinking: undefined,
    thread: undefined,
    speed: undefined,
    inferenceGeo: undefined,
    tools: [],
    textBytes: bytes.length,
    images: 0,
    documentBytes: 0,
    documentUrls: 0,
    cache: 'none',
    usesFiles: false,
  };
  scanner.object((field) => {
    body.fields.push(field);
    if (body.fields.length > FIELDS_MAX) throw new JsonScanError(`the object has more than ${FIELDS_MAX} fields`);
    readField(scanner, field, body);
  });
  scanner.end();
  return body;
}

function readField(scanner: JsonScanner, field: string, body: MessagesBody): void {
  switch (field) {
    case 'model':
      body.model = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'max_tokens': {
      const extent = scanner.skip();
      body.maxTokensExtent = extent;
      body.maxTokens = new JsonScanner(body.bytes.subarray(extent.start, extent.end)).value(SMALL_VALUE_BYTES_MAX);
      return;
    }
    case 'stream':
      body.stream = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'thinking':
      body.thinking = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'thread':
      body.thread = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'speed':
      body.speed = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'inference_geo':
      body.inferenceGeo = scanner.value(SMALL_VALUE_BYTES_MAX);
      return;
    case 'cache_control':
      return readCacheControl(scanner, body);
    case 'tools':
      return readTools(scanner, body);
    case 'system':
      return readContent(scanner, body);
    case 'messages':
      return readMessages(scanner, body);
    default: {
      const { start, end } = scanner.skip();
      // For the API a null means that the field is not there.
      if (body.bytes.toString('latin1', start, Math.min(end, start + 5)) === 'null') body.fields.pop();
    }
  }
}

function readMessages(scanner: JsonScanner, body: MessagesBody): void {
  if (!scanner.isAt('array')) return void scanner.skip();
  scanner.array(() => {
    if (!scanner.isAt('object')) return void scanner.skip();
    scanner.object((field) => {
      if (field === 'content') readContent(scanner, body);
      else scanner.skip();
    });
  });
}

/** Content is a string or an array of blocks; a block's `source` and `content` may hold more of it. */
function readContent(scanner: JsonScanner, body: MessagesBody): void {
  if (scanner.isAt('object')) return readBlock(scanner, body);
  if (!scanner.isAt('array')) return void scanner.skip();
  scanner.array(() => {
    if (scanner.isAt('object')) readBlock(scanner, body);
    else scanner.skip();
  });
}

function readBlock(scanner: JsonScanner, body: MessagesBody): void {
  let type: unknown;
  let source: Source | undefined;
  scanner.object((field) => {
    if (field === 'type') type = scanner.value(SMALL_VALUE_BYTES_MAX);
    else if (field === 'cache_control') readCacheControl(scanner, body);
    else if (field === 'source' && scanner.isAt('object')) source = readSource(scanner, body);
    else if (field === 'content') readContent(scanner, body);
    else scanner.skip();
  });
  if (type === 'container_upload' || source?.type === 'file') body.usesFiles = true;
  if (type === 'image') body.images += 1;
  if (source === undefined) return;
  // Only what is counted in another way stops being text: a payload in a block of no known kind must not be free to hold.
  if (source.type === 'base64' && (type === 'image' || type === 'document')) body.textBytes -= source.dataBytes;
  if (source.type === 'base64' && type === 'document') body.documentBytes += source.dataBytes;
  if (type === 'document' && source.type === 'url') body.documentUrls += 1;
}

type Source = { type: unknown; dataBytes: number };

function readSource(scanner: JsonScanner, body: MessagesBody): Source {
  const source: Source = { type: undefined, dataBytes: 0 };
  scanner.object((field) => {
    if (field === 'type') {
      source.type = scanner.value(SMALL_VALUE_BYTES_MAX);
      // Said once is enough: another parser may go by the first of two.
      body.usesFiles ||= source.type === 'file';
    } else if (field === 'content') readContent(scanner, body);
    else if (field === 'data' && scanner.isAt('string')) {
      const { start, end } = scanner.skip();
      source.dataBytes = end - start - 2;
    } else scanner.skip();
  });
  return source;
}

function readCacheControl(scanner: JsonScanner, body: MessagesBody): void {
  const control = scanner.value(SMALL_VALUE_BYTES_MAX);
  if (typeof control !== 'object' || control === null) return;
  if ('ttl' in control && control.ttl === '1h') body.cache = '1h';
  else if (body.cache === 'none') body.cache = '5m';
}

function readTools(scanner: JsonScanner, body: MessagesBody): void {
  if (!scanner.isAt('array')) return void scanner.skip();
  scanner.array(() => {
    if (!scanner.isAt('object')) return void scanner.skip();
    let type: unknown;
    let maxUses: unknown;
    let model: unknown;
    scanner.object((field) => {
      if (field === 'type') type = scanner.value(SMALL_VALUE_BYTES_MAX);
      else if (field === 'max_uses') maxUses = scanner.value(SMALL_VALUE_BYTES_MAX);
      else if (field === 'model') model = scanner.value(SMALL_VALUE_BYTES_MAX);
      else if (field === 'cache_control') readCacheControl(scanner, body);
      else scanner.skip();
    });
    if (typeof type !== 'string' || type === 'custom') return;
    if (body.tools.length === TYPED_TOOLS_MAX)
      throw new JsonScanError(`tools has more than ${TYPED_TOOLS_MAX} tools with a type`);
    body.tools.push({
      type,
      maxUses: typeof maxUses === 'number' ? maxUses : undefined,
      model: typeof model === 'string' ? model : undefined,
    });
  });
}

/** The same bytes with another number for `max_tokens`: nothing else moves. */
export function replaceMaxTokens(body: MessagesBody, maxTokens: number): Buffer {
  const extent = body.maxTokensExtent;
  if (!extent) throw new Error('the body has no max_tokens to replace');
  const { bytes } = body;
  return Buffer.concat([bytes.subarray(0, extent.start), Buffer.from(String(maxTokens)), bytes.subarray(extent.end)]);
}
