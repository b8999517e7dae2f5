/** Whatever is quicker needs no time named. */
const WORTH_SAYING_MS = 2000;

/**
 * Says what takes time while it takes it, and how long it took.
 *
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function progress(what, work) {
  const startedMs = performance.now();
  console.log(`  ${what} …`);
  const result = await work();
  const tookMs = performance.now() - startedMs;
  if (tookMs > WORTH_SAYING_MS) console.log(`    done in ${Math.round(tookMs / 1000)} s`);
  return result;
}
