/** Says what takes time while it takes it, and how long it took. */
export function progress<T>(what: string, work: () => T | Promise<T>): Promise<T>;
