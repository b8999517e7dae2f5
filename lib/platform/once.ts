const registry = Symbol.for('saverouter.once');

type Registry = Map<string, unknown>;

/**
 * Makes a thing once in a process, however often its module is loaded: the server's own modules and the bundle that Next
 * makes of them are two copies of the code, which must share one database pool, one cache and one list of what runs.
 */
export function once<T>(name: string, make: () => T): T {
  const holder: typeof globalThis & { [registry]?: Registry } = globalThis;
  const made = (holder[registry] ??= new Map());
  if (!made.has(name)) made.set(name, make());
  return made.get(name) as T;
}
