const REGISTRY = Symbol.for('saverouter.once');

const things = registry();

/**
 * Makes a thing once in a process, however often its module is loaded: the server's own modules and the bundle that Next
 * makes of them are two copies of the code, which must share one database pool, one cache and one list of what runs.
 */
export function once<T>(name: string, make: () => T): T {
  if (!things.has(name)) things.set(name, make());
  return things.get(name) as T;
}

function registry(): Map<string, unknown> {
  const made: unknown = Reflect.get(globalThis, REGISTRY);
  if (made instanceof Map) return made as Map<string, unknown>;
  const fresh = new Map<string, unknown>();
  Reflect.set(globalThis, REGISTRY, fresh);
  return fresh;
}
